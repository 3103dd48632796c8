"""The document: what generators and callers find in it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import TypeAdapter

from ports.action import ActionHandler
from ports.entity import Page
from ports.library import Kit, KitNameTaken
from service.composition import PORTS
from service.document import present_document, written
from service.http.methods import method_of
from service.http.openapi.narrowing import resolved
from service.http.openapi.schemas import IN, OUT, natural, schemas_of
from service.registry import Registry

COMMITTED = Path(__file__).parents[2] / "openapi.json"
MOST_BYTES = 4096
DOCUMENT = present_document()
HANDLERS = dict(Registry.found_in("handlers", PORTS).public())
ACTIONS = pytest.mark.parametrize(("name", "handler"), HANDLERS.items(), ids=HANDLERS)


def operations() -> Iterator[tuple[str, str, Any]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def operation_of(name: str) -> Any:
    return next(operation for _, _, operation in operations() if operation["operationId"] == name)


def response_of(operation: Any, status: str) -> Any:
    return resolved(DOCUMENT, operation["responses"][status])


def codes_in(response: Any) -> set[str]:
    schema = response["content"]["application/problem+json"]["schema"]
    models = [resolved(DOCUMENT, one) for one in schema.get("oneOf", [schema])]
    return {model["properties"]["code"].get("const") for model in models}


def within(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from within(inner)


def size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def test_the_committed_document_is_the_present_one() -> None:
    assert COMMITTED.read_text() == written(DOCUMENT), "openapi.json is stale: run `make openapi`, and commit it."


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_tells_what_goes_for_every_operation() -> None:
    for told in ("RFC 9457", "/dry-run", "Request-Timeout-Ms", "If-None-Match", "U+0000", "respond-async", "/events"):
        assert told in DOCUMENT["info"]["description"]


def test_it_is_small() -> None:
    assert size(DOCUMENT) / len(HANDLERS) <= MOST_BYTES
    assert {o["operationId"]: size(o) for _, _, o in operations() if size(o) > MOST_BYTES} == {}


@ACTIONS
def test_each_action_is_an_operation_with_all_that_it_may_answer(name: str, handler: type[ActionHandler]) -> None:
    method, path, operation = next(found for found in operations() if found[2]["operationId"] == name)

    assert (method, path) == (method_of(handler).lower(), f"/actions/{name}")
    assert operation["summary"]
    assert operation["summary"] in " ".join(operation["description"].split())
    for problem in handler.problems:
        assert problem.code in codes_in(response_of(operation, str(problem.status)))
    assert codes_in(response_of(operation, "default")) == {None}
    assert {"200", "401", "403", "422", "500", "503", "504"} <= operation["responses"].keys()
    assert {"400", "413", "415"} <= operation["responses"].keys() or method == "get"


def test_each_tag_is_used_and_described() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}

    assert described == {tag for _, _, operation in operations() for tag in operation["tags"]}


def test_each_model_has_a_natural_name_and_is_used() -> None:
    models = DOCUMENT["components"]["schemas"]
    used = {each["$ref"].rpartition("/")[2] for each in within(DOCUMENT) if "/schemas/" in str(each.get("$ref"))}

    assert [name for name in models if not name.isalnum() or not name[0].isupper()] == []
    assert used == models.keys()
    assert {"AssetPage", "KitPage", "ExecutionSummaryExcerpt"} <= models.keys()


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Kit", "Kit"),
        ("Page_Kit_", "KitPage"),
        ("Page_Excerpt_Kit__", "KitExcerptPage"),
        ("Place-Input", "PlaceArgument"),
        ("Place-Output", "Place"),
        ("handlers__get_kit__Part", "GetKitPart"),
        ("File", "FileRecord"),
        ("Page_File_", "FileRecordPage"),
    ],
)
def test_a_model_is_called_as_a_person_would(name: str, called: str) -> None:
    assert natural(name) == called


def test_nothing_is_in_it_that_generators_stumble_over() -> None:
    for schema in within(DOCUMENT["components"]["schemas"]):
        assert "allOf" not in schema
        assert not isinstance(schema.get("title"), str)
    for schema in within(DOCUMENT):
        if "oneOf" in schema:
            mapping = schema["discriminator"]["mapping"]
            assert {one["$ref"] for one in schema["oneOf"]} == set(mapping.values())
            assert {resolved(DOCUMENT, {"$ref": to})["properties"]["code"]["const"]: to for to in mapping.values()} == (
                mapping
            )


def test_an_output_carries_every_field_and_no_other() -> None:
    schemas, models = schemas_of([("page", OUT, TypeAdapter(Page[Kit]))])

    assert schemas["page", OUT] == {"$ref": "#/components/schemas/KitPage"}
    for model in models.values():
        assert model["required"] == [*model["properties"]]
        assert model["additionalProperties"] is False


def test_an_argument_may_be_left_out_where_it_has_a_default() -> None:
    taken: Any = HANDLERS["create_kit"].input_model
    schemas, models = schemas_of([("create_kit", IN, TypeAdapter(taken))])

    assert schemas["create_kit", IN] == {"$ref": "#/components/schemas/CreateKitInput"}
    assert models["CreateKitInput"]["required"] == ["space_id", "name"]
    visibility = DOCUMENT["components"]["schemas"]["CreateKitInput"]["properties"]["visibility"]
    assert visibility["description"].endswith('If left out: `"private"`.')
    assert "default" not in visibility


def test_a_problem_has_its_own_code_and_typed_members() -> None:
    model = DOCUMENT["components"]["schemas"]["KitNameTaken"]

    assert model["properties"]["code"]["const"] == KitNameTaken.code
    assert model["properties"]["name"] == {"type": "string"}
    assert "name" in model["required"]
    assert "instance" not in model["required"]


def test_headers_are_told_where_they_are_sent() -> None:
    create, secret, read = (operation_of(name) for name in ("create_kit", "invite_member", "get_kit"))

    def headers(operation: Any, status: str) -> set[str]:
        return {*response_of(operation, status).get("headers", {})}

    assert headers(create, "200") == headers(create, "404") == {"Idempotent-Replayed"}
    assert headers(create, "409") == {"Idempotent-Replayed", "Retry-After"}
    assert headers(create, "401") == {"WWW-Authenticate"}
    assert headers(create, "503") == headers(create, "504") == headers(read, "503") == {"Retry-After"}
    assert headers(secret, "200") == headers(secret, "404") == headers(read, "404") == set()
    assert headers(operation_of("download_file"), "200") == headers(read, "200") == {"ETag"}
    assert create["parameters"] == [
        {"$ref": "#/components/parameters/Idempotency-Key"}, {"$ref": "#/components/parameters/Prefer"},
    ]  # fmt: skip
    assert "parameters" not in secret


def test_what_may_be_done_in_the_background_may_be_accepted() -> None:
    create, secret, read = (operation_of(name) for name in ("create_kit", "invite_member", "get_kit"))
    accepted = response_of(create, "202")

    assert "202" not in secret["responses"]
    assert "202" not in read["responses"]
    assert accepted["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Accepted"}
    assert accepted["headers"].keys() == {"Location", "Retry-After", "Preference-Applied", "Idempotent-Replayed"}
    assert [*accepted["links"]] == ["get_execution"]
    assert "background_refused" in codes_in(response_of(secret, "422"))
    assert "worker_lost" in codes_in(response_of(create, "503"))


def test_what_has_an_id_links_to_what_reads_it() -> None:
    def link(name: str) -> Any:
        ((_, found),) = response_of(operation_of(name), "200")["links"].items()
        return resolved(DOCUMENT, found)

    assert link("create_kit") == {"operationId": "get_kit", "parameters": {"kit_id": "$response.body#/id"}}
    monitor = {"operationId": "get_execution", "parameters": {"execution_id": "$response.body#/items/0/id"}}
    assert link("list_executions") == monitor


def test_anybody_may_ask_for_health_and_nobody_for_more() -> None:
    assert {operation["operationId"] for _, _, operation in operations() if operation.get("security") == []} == {
        "is_live",
        "is_ready",
    }
