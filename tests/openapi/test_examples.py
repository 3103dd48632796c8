"""Every example in the document is answered with success, by a service that holds what `ports/example.py` tells of."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest

from ports.example import ACTOR, ENTITIES, IMAGE, LINK
from service.composition import Service
from service.database import Database
from service.document import present_document
from service.http.openapi.narrowing import resolved
from service.settings import load_settings
from tests.conftest import TEMPLATE, Cluster, client_of
from tests.openapi.conforming import assert_conforms
from tests.openapi.example import add_files, add_records

DOCUMENT = present_document()
EXAMPLE = "example_of_tests"

# What must have been done before an example can be true, by examples as well, and who sends it where that is not
# the founder of the space.
AFTER: Mapping[str, tuple[str, ...]] = {
    "change_member_role": ("add_member",),
    "delete_space": ("archive_kit",),
    "leave_space": ("add_member",),
    "remove_member": ("add_member",),
    "restore_asset": ("remove_asset",),
    "restore_kit": ("archive_kit",),
    "transfer_ownership": ("add_member",),
    "untag_asset": ("tag_asset",),
}
BY: Mapping[str, str] = {"accept_invitation": "ada", "leave_space": "ada"}
SCOPES: Mapping[str, tuple[str, ...]] = {
    "expire_keys": ("ledger.expire",),
    "expire_shares": ("share.expire",),
    "list_schedules": ("schedule.read",),
    "list_workers": ("worker.read",),
    "get_search_status": ("index.read",),
    "reindex_search": ("index.rebuild",),
    "verify_search": ("index.verify",),
    "prune_ledger": ("ledger.prune",),
    "run_scheduled": ("schedule.run", "file.sweep"),
    "sweep_uploads": ("file.sweep",),
}


def operations() -> Iterator[tuple[str, tuple[str, str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], (method, path, operation)


OPERATIONS = dict(operations())


def request_of(name: str) -> tuple[str, str, dict[str, Any]]:
    method, path, operation = OPERATIONS[name]
    query = {}
    for parameter in operation.get("parameters", ()):
        parameter = resolved(DOCUMENT, parameter)  # noqa: PLW2901 - what it refers to
        if "example" in parameter:
            assert_conforms(parameter["example"], parameter["schema"])
            query[parameter["name"]] = parameter["example"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if "example" not in content:  # bytes are no JSON
            return method, path, {"content": IMAGE}
        assert_conforms(content["example"], content["schema"])
        return method, path, {"json": content["example"]}
    return method, path.format(**query), {"params": {} if "{" in path else query}


@pytest.fixture(scope="module")
async def template(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A database that holds the example."""
    await cluster.run(f"create database {EXAMPLE} template {TEMPLATE}")
    service = Service(load_settings(data=tmp_path_factory.mktemp("data")), cluster.database(EXAMPLE))
    await add_records(service)
    await service.close()
    yield EXAMPLE
    await cluster.run(f"drop database {EXAMPLE} with (force)")


@pytest.fixture
async def database(cluster: Cluster, template: str) -> AsyncIterator[Database]:
    async with cluster.empty_database(template=template) as cloned:
        yield cloned


async def sent(service: Service, name: str) -> httpx.Response:
    method, path, content = request_of(name)
    async with client_of(service, BY.get(name, ACTOR), *SCOPES.get(name, ("*",))) as client:
        if name == "open_share":
            client.headers["authorization"] = f"Bearer {LINK}"
        return await client.request(method, path, **content)


@pytest.mark.parametrize("name", OPERATIONS)
async def test_each_example_is_answered_with_success(service: Service, name: str) -> None:
    await add_files(service)
    for before in AFTER.get(name, ()):
        assert (await sent(service, before)).status_code == 200

    answer = await sent(service, name)

    assert answer.status_code == 200, answer.text
    response = resolved(DOCUMENT, OPERATIONS[name][2]["responses"]["200"])
    for kind, content in response["content"].items():
        if kind == "application/json":
            assert_conforms(content["example"], content["schema"])
            assert_conforms(answer.json(), content["schema"])
            assert kinds_in(answer.json()) == kinds_in(content["example"])


def kinds_in(value: Any) -> Any:
    """The shape of an answer: the names of its fields."""
    return sorted(value) if isinstance(value, dict) else type(value)


def test_what_comes_before_an_example_is_an_example_itself() -> None:
    assert {name for names in AFTER.values() for name in names} | AFTER.keys() | BY.keys() <= OPERATIONS.keys()


def test_the_ids_of_the_example_are_in_it() -> None:
    given = OPERATIONS["create_kit"][2]["requestBody"]["content"]["application/json"]["example"]

    assert UUID(given["space_id"]) == ENTITIES[0].id
