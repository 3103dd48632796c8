"""Every action over HTTP, its answers held to the document."""

from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from service.http.app import create_app
from tests.conftest import client_of
from tests.every.conftest import Stage
from tests.every.rows import REFUSED, WAYS, Arguments, action_of, refused_arguments

OTHER_METHOD = {"get": "POST", "post": "GET"}


@pytest.fixture(scope="module")
def document(furnished: Stage) -> dict[str, Any]:
    return create_app(furnished.service).openapi()


def operation_of(document: dict[str, Any], action: str) -> tuple[str, dict[str, Any]]:
    """The one method that the document has for an action, and what it says of it."""
    ((method, operation),) = document["paths"][f"/actions/{action_of(action)}"].items()
    return method, operation


async def asked(client: httpx.AsyncClient, method: str, action: str, arguments: Arguments) -> httpx.Response:
    if method == "post":
        return await client.post(f"/actions/{action_of(action)}", json=arguments)
    query = {name: value for name, value in arguments.items() if value is not None}
    return await client.get(f"/actions/{action_of(action)}", params=query)


def resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The part of the document itself, where it is a reference to another."""
    found = document if "$ref" in part else part
    for name in part.get("$ref", "#").split("/")[1:]:
        found = found[name]
    return found


def misfits(document: dict[str, Any], action: str, answer: httpx.Response) -> list[str]:
    """What of an answer is not as the document says."""
    response = resolved(document, operation_of(document, action)[1]["responses"][str(answer.status_code)])
    ((media_type, content),) = response["content"].items()
    schema = content["schema"] | {"components": document["components"]}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    wrong = [] if answer.headers["content-type"] == media_type else [answer.headers["content-type"]]
    return wrong + [error.message for error in validator.iter_errors(answer.json())]


@pytest.mark.parametrize("action", WAYS)
async def test_it_answers_as_documented_and_as_the_runner(
    stage: Stage, document: dict[str, Any], action: str, told_by_the_runner: list[str]
) -> None:
    row, ours, (method, _) = WAYS[action], stage.world.ours, operation_of(document, action)
    actor, (output, *ledger) = stage.world.actor(row.doer), told_by_the_runner
    await stage.prepare(action, ours)

    async with client_of(stage.service, actor) as client:
        other = await client.request(OTHER_METHOD[method], f"/actions/{action_of(action)}")
        answer = await asked(client, method, action, row.asks(ours))

    assert (other.status_code, other.headers["allow"]) == (405, method.upper())
    assert answer.status_code == 200, answer.text
    assert misfits(document, action, answer) == []
    assert stage.masked(answer.content) == output
    assert await stage.newest(actor, len(ledger)) == ledger


@pytest.mark.parametrize(("action", "code"), REFUSED, ids=map("-".join, REFUSED))
async def test_it_refuses_as_documented_and_as_the_runner(
    stage: Stage, document: dict[str, Any], action: str, code: str, refused_by_the_runner: str
) -> None:
    ours, (method, _) = stage.world.ours, operation_of(document, action)

    async with client_of(stage.service, ours.who("owner")) as client:
        answer = await asked(client, method, action, refused_arguments(action, code, ours))

    assert misfits(document, action, answer) == []
    assert stage.masked(answer.content) == refused_by_the_runner
