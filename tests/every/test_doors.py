"""Every action through every door, as by the runner: the same outputs, the same problems, the same rows."""

from asyncio import gather
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic_core import from_json, to_json

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


async def assert_alike(
    stage: Stage, doors: Mapping[str, Door], actor: str, action: str, arguments: Arguments
) -> list[str]:
    """Return what the runner tells; every door does so, too."""
    told, *by_doors = await gather(
        *(stage.told(actor, action, arguments, door=door) for door in (None, *doors.values()))
    )
    expected = {name: without(told, door.untold) for name, door in doors.items()}
    assert dict(zip(doors, by_doors, strict=True)) == expected
    return told


@pytest.mark.parametrize("action", WAYS)
async def test_what_is_done_is_the_same_through_every_door(
    stage: Stage, doors: Mapping[str, Door], action: str
) -> None:
    told, actor = {}, stage.world.actor(WAYS[action].doer)
    for name, door in {"runner": None, **doors}.items():
        await stage.hold()
        await stage.prepare(action, stage.world.ours)
        told[name] = await stage.told(actor, action, WAYS[action].asks(stage.world.ours), door=door)

    assert told == dict.fromkeys(("runner", *DOORS), told["runner"])
    assert told["runner"][0] == "done"


@pytest.mark.parametrize(("action", "code"), REFUSED, ids=map("-".join, REFUSED))
async def test_what_cannot_be_is_the_same_problem_through_every_door(
    stage: Stage, doors: Mapping[str, Door], action: str, code: str
) -> None:
    actor, asked = stage.world.actor(ROWS[action].refused_one), refused_arguments(action, code, stage.world.ours)

    told = await assert_alike(stage, doors, actor, action, asked)

    assert from_json(told[1])["code"] == code


@pytest.mark.parametrize("action", ROWS)
async def test_what_does_not_fit_is_the_same_problem_through_every_door(
    stage: Stage, doors: Mapping[str, Door], action: str
) -> None:
    actor, asked, declared = stage.world.actor("owner"), ROWS[action].asks(stage.world.ours), PUBLIC[action].arguments
    unfit = {name: [UNFIT] if isinstance(asked.get(name), list) else UNFIT for name in declared}
    by_json = {name: door for name, door in doors.items() if name != "cli"}  # a command has no option beyond its own

    told = [await assert_alike(stage, by_json, actor, action, {"surprise": 1})]
    if declared:
        told.append(await assert_alike(stage, doors, actor, action, unfit))
    if any(each.required for each in declared.values()):
        told.append(await assert_alike(stage, {"cli": doors["cli"]}, actor, action, {}))

    for refused, document, *ledger in told:
        assert (refused, from_json(document)["code"], ledger) == ("refused", "invalid_arguments", [])


async def test_the_document_has_the_one_method_that_http_takes(furnished: Stage, app: FastAPI) -> None:
    async with client_of(furnished.service) as client:
        for action in ROWS:
            method, _ = operation_of(app.openapi(), action)
            other = await client.request({"get": "POST", "post": "GET"}[method], f"/actions/{action}")
            allowed = {"get": "GET, HEAD", "post": "POST"}[method]
            assert (other.status_code, other.headers["allow"]) == (405, allowed)
