"""What is answered is what the document says, also where no handler has been asked yet."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from service.composition import Service
from service.document import present_document
from service.http.openapi.narrowing import resolved
from tests.conftest import client_of
from tests.openapi.conforming import assert_conforms

DOCUMENT = present_document()
ID = "0" * 64


def operations() -> Iterator[tuple[str, str, Any]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def assert_documented(answer: httpx.Response, operation: Any, status: int) -> None:
    assert answer.status_code == status, answer.text
    response = resolved(DOCUMENT, operation["responses"][str(status)])
    media_type = answer.headers["content-type"]
    assert_conforms(answer.json(), response["content"][media_type]["schema"])
    told = {name.lower() for name in response.get("headers", {})}
    assert {
        name for name in ("retry-after", "www-authenticate", "idempotent-replayed") if name in answer.headers
    } <= told


@pytest.mark.parametrize("wrong", ["DELETE", "OPTIONS", "PUT", "TRACE"])
async def test_a_wrong_method_is_told_the_right_one(client: httpx.AsyncClient, wrong: str) -> None:
    for method, path, _ in operations():
        answer = await client.request(wrong, path.format(sha256=ID))
        assert (answer.status_code, answer.headers["allow"], answer.json()["code"]) == (
            405,
            "GET, HEAD" if method == "GET" else method,
            "method_not_allowed",
        )


async def test_who_sends_no_token_is_told_so_by_every_operation_but_health(client: httpx.AsyncClient) -> None:
    del client.headers["authorization"]
    for method, path, operation in operations():
        if operation.get("security") != []:
            answer = await client.request(method, path.format(sha256=ID), json={} if method == "POST" else None)
            assert_documented(answer, operation, 401)


async def test_a_token_for_nothing_is_told_so_by_every_action(service: Service) -> None:
    async with client_of(service, "ada", "nothing.at_all") as client:
        for method, path, operation in operations():
            if "x-permission" in operation:
                given = sent_with(operation)
                assert_documented(await client.request(method, path, **given), operation, 403)


def sent_with(operation: Any) -> dict[str, Any]:
    parameters = [resolved(DOCUMENT, each) for each in operation.get("parameters", ())]
    if "requestBody" in operation:
        return {"json": operation["requestBody"]["content"]["application/json"]["example"]}
    return {"params": {each["name"]: each["example"] for each in parameters if "example" in each}}


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (400, {"content": b"{", "headers": {"content-type": "application/json"}}),
        (413, {"content": b" " * 1_048_577, "headers": {"content-type": "application/json"}}),
        (415, {"content": b"{}", "headers": {"content-type": "text/plain"}}),
        (422, {"json": {"no_such_argument": 1}}),
    ],
    ids=[400, 413, 415, 422],
)
async def test_an_unfit_body_is_told_as_documented_by_every_action(
    client: httpx.AsyncClient, status: int, sent: dict[str, Any]
) -> None:
    for method, path, operation in operations():
        if "x-permission" in operation and method == "POST":
            assert_documented(await client.post(path, **sent), operation, status)


async def test_an_unfit_query_is_told_as_documented_by_every_action(client: httpx.AsyncClient) -> None:
    for method, path, operation in operations():
        if "x-permission" in operation and method == "GET":
            assert_documented(await client.get(path, params={"no_such_argument": 1}), operation, 422)


async def test_none_is_left_out_of_a_query_and_never_said(client: httpx.AsyncClient) -> None:
    for method, path, operation in operations():
        for parameter in operation.get("parameters", ()) if "x-permission" in operation and method == "GET" else ():
            if parameter["schema"]["type"] != "string" or parameter["schema"].keys() & {"format", "enum"}:
                query = sent_with(operation)["params"] | {parameter["name"]: "null"}
                assert_documented(await client.get(path, params=query), operation, 422)


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "ä".encode()])
async def test_a_malformed_key_is_told_as_documented_by_every_action_that_writes(
    client: httpx.AsyncClient, key: str | bytes
) -> None:
    for method, path, operation in operations():
        if "x-permission" in operation and "OutcomeUnknown" in str(operation["responses"]["503"]):
            given = sent_with(operation) | {"headers": [(b"idempotency-key", key)]}
            assert_documented(await client.request(method, path, **given), operation, 400)
