"""Every action through every door, as by the runner: the same outputs, the same problems, the same rows."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic_core import from_json, to_json

from service.http.app import create_app
from tests.conftest import client_of
from tests.every.conftest import PUBLIC, Stage
from tests.every.document import operation_of
from tests.every.doors import Door
from tests.every.rows import REFUSED, ROWS, WAYS, Arguments, refused_arguments

DOORS = ("http", "cli", "remote")
UNFIT = "\0"  # text or not: no argument is this


def without(told: list[str], untold: frozenset[str]) -> list[str]:
    """The same, but for members of the answer that a door does not tell."""
    ((state, answer), *ledger) = told[:2], *told[2:]
    if state == "done" or not untold:
        return told
    shown: dict[str, Any] = from_json(answer)
    return [state, to_json({name: shown[name] for name in shown if name not in untold}).decode(), *ledger]


async def assert_refused_alike(
    stage: Stage, doors: Mapping[str, Door], actor: str, action: str, arguments: Arguments
) -> None:
    by_the_runner = await stage.told(actor, action, arguments)
    assert by_the_runner[0] == "refused"
    for name, door in doors.items():
        assert (name, await stage.told(actor, action, arguments, door=door)) == (
            name,
            without(by_the_runner, door.untold),
        )


@pytest.mark.parametrize("action", WAYS)
async def test_what_is_done_is_the_same_through_every_door(
    stage: Stage, doors: Mapping[str, Door], action: str
) -> None:
    told, actor = {}, stage.world.actor(WAYS[action].doer)
    for name, door in {"runner": None, **doors}.items():
        if not await stage.keeper.holds("whole"):
            await stage.restore()
        await stage.prepare(action, stage.world.ours)
        told[name] = await stage.told(actor, action, WAYS[action].asks(stage.world.ours), door=door)

    assert told == dict.fromkeys(("runner", *DOORS), told["runner"])
    assert told["runner"][0] == "done"


@pytest.mark.parametrize(("action", "code"), REFUSED, ids=map("-".join, REFUSED))
async def test_what_cannot_be_is_the_same_problem_through_every_door(
    stage: Stage, doors: Mapping[str, Door], action: str, code: str
) -> None:
    ours = stage.world.ours

    await assert_refused_alike(stage, doors, ours.who("owner"), action, refused_arguments(action, code, ours))


@pytest.mark.parametrize("action", ROWS)
async def test_what_does_not_fit_is_the_same_problem_through_every_door(
    stage: Stage, doors: Mapping[str, Door], action: str
) -> None:
    actor, asked = stage.world.actor("owner"), ROWS[action].asks(stage.world.ours)
    unfit = {name: [UNFIT] if isinstance(asked.get(name), list) else UNFIT for name in PUBLIC[action].arguments}
    required = {name for name, declared in PUBLIC[action].arguments.items() if declared.required}

    if unfit:
        await assert_refused_alike(stage, doors, actor, action, unfit)
    if required:
        await assert_refused_alike(stage, doors, actor, action, {})
    by_name = {name: door for name, door in doors.items() if name != "cli"}  # a command has no option beyond
    await assert_refused_alike(stage, by_name, actor, action, asked | {"surprise": 1})


@pytest.mark.parametrize("action", ROWS)
async def test_the_document_has_the_one_method_that_http_takes(furnished: Stage, action: str) -> None:
    method, _ = operation_of(create_app(furnished.service).openapi(), action)

    async with client_of(furnished.service) as client:
        other = await client.request({"get": "POST", "post": "GET"}[method], f"/actions/{action}")

    assert (other.status_code, other.headers["allow"]) == (405, method.upper())
