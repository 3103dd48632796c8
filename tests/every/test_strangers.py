"""What is another space's is nothing: in answers, in the ledger, in lists, in counts and in files."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from sqlalchemy import text

from ports.history import EntityKind
from ports.repo import EntityNotFound
from tests.conftest import client_of
from tests.every.conftest import PUBLIC, Stage
from tests.every.masks import UUID, masked
from tests.every.rows import REFUSED, ROWS, WAYS, Arguments, action_of, refused_arguments
from tests.every.test_rows import SIDE
from tests.every.world import NO_FILE, NOBODY, NOWHERE, World, runner_of

THINGS = "select distinct entity_kind, entity_id::text from changes where space_id = cast(:space as uuid)"
EXECUTIONS = "select id::text from executions where actor like 'Ours.%'"
FILES = "select sha256 from uploads where actor like 'Ours.%'"
SHA256 = re.compile("[0-9a-f]{64}")
UNHEARD = "Unheard"


def naming(action: str) -> Iterator[str]:
    """The arguments that name something, be it a new thing; what is secret is a right, and no name."""
    for name, value in WAYS[action].asks(SIDE).items():
        handler = PUBLIC[action_of(action)]
        schema = handler.input_model.model_json_schema()["properties"][name]
        if isinstance(value, str | list) and "enum" not in str(schema) and name not in handler.secrets:
            yield name


STATES = [(action, code) for action, code in REFUSED if not PUBLIC[action].secrets]
NAMING = [(action, name) for action in WAYS for name in naming(action)]


def foreign(world: World, action: str, name: str) -> Any:
    """What the argument would name on our side."""
    ours, theirs = (WAYS[action].asks(side)[name] for side in (world.ours, world.theirs))
    if ours == theirs:
        return world.ours.who("mate") if name == "actor" else world.ours.word
    return [*theirs, ours[-1]] if isinstance(ours, list) else ours


def nothing(value: Any) -> Any:
    """What could be named as well, and is nowhere; of a list, the last."""
    if isinstance(value, list):
        return [*value[:-1], NOWHERE]
    if UUID.fullmatch(str(value)):
        return NOWHERE
    return NO_FILE if SHA256.fullmatch(str(value)) else UNHEARD


def last(value: Any) -> Any:
    return value[-1] if isinstance(value, list) else value


def nowhere(arguments: Arguments) -> Arguments:
    """The same arguments, but that every id and SHA-256 is that of nothing."""
    other = {name: nothing(value) for name, value in arguments.items()}
    return {name: arguments[name] if value == UNHEARD else value for name, value in other.items()}


async def their_answer(stage: Stage, action: str, name: str, value: Any) -> list[str]:
    theirs = stage.world.theirs
    await stage.hold()
    await stage.prepare(action, theirs)
    arguments = WAYS[action].asks(theirs) | {name: value}
    return await stage.told(theirs.who("owner"), action, arguments, last(value))


async def our_ledger(stage: Stage) -> bytes:
    ours = stage.world.ours
    outcome = await stage.run(ours.who("owner"), "list_executions", {"space_id": ours.space, "limit": 200})
    assert outcome.problem is None
    return outcome.body


@pytest.mark.parametrize(("action", "name"), NAMING, ids=map("-".join, NAMING))
async def test_another_spaces_thing_is_told_as_nothing(stage: Stage, action: str, name: str) -> None:
    await stage.restore()
    ledger = await our_ledger(stage)

    named = foreign(stage.world, action, name)
    of_nothing = await their_answer(stage, action, name, nothing(named))
    of_ours = await their_answer(stage, action, name, named)

    assert of_ours == of_nothing
    assert await our_ledger(stage) == ledger


@pytest.mark.parametrize(("action", "code"), STATES, ids=map("-".join, STATES))
async def test_the_state_of_another_spaces_thing_is_told_as_nothing(stage: Stage, action: str, code: str) -> None:
    stranger, ours = stage.world.theirs.who("owner"), stage.world.ours
    real = refused_arguments(action, code, ours)
    none = nowhere(real)
    asked = {last(each[name]) for each in (real, none) for name in real if real[name] != none[name]}

    assert await stage.told(stranger, action, real, *asked) == await stage.told(stranger, action, none, *asked)


async def test_the_key_of_another_actor_stands_for_nothing(stage: Stage) -> None:
    ours, asked = stage.world.ours, ROWS["create_kit"].asks(stage.world.ours)

    first, again, strange = [
        await runner_of(stage.service, actor).run("create_kit", asked, key="the same")
        for actor in (ours.who("owner"), ours.who("owner"), stage.world.actor("stranger"))
    ]

    assert (first.body, first.problem, again.replayed) == (again.body, None, True)
    assert isinstance(strange.problem, EntityNotFound)
    assert not strange.replayed


@pytest.mark.parametrize("action", WAYS)
async def test_it_is_all_the_same_whether_another_space_is_there(stage: Stage, action: str) -> None:
    theirs, found = stage.world.theirs, []
    for alone in (True, False):
        for actor in (theirs.who("owner"), NOBODY, theirs.link):
            await stage.hold(alone=alone)
            await stage.prepare(action, theirs)
            found.append(await stage.told(actor, action, WAYS[action].asks(theirs)))

    assert found[:3] == found[3:]
    assert found[0] != found[1] or WAYS[action].told("owner") == WAYS[action].told(NOBODY)


@pytest.mark.parametrize("who", ["stranger", NOBODY])
async def test_the_history_of_another_space_is_nothing(stage: Stage, who: str) -> None:
    actor, space = stage.world.actor(who), {"space": stage.world.ours.space}
    async with stage.service.engine.connect() as connection:
        things = (await connection.execute(text(THINGS), space)).all()
        executions = await connection.scalars(text(EXECUTIONS))
    asked: list[tuple[str, Arguments, Arguments]] = [
        *(("read_changes", {"kind": kind, "id": each}, {"kind": kind, "id": NOWHERE}) for kind, each in things),
        *(("get_execution", {"execution_id": each}, {"execution_id": NOWHERE}) for each in executions),
    ]

    for action, real, none in asked:
        ids = {*real.values()} ^ {*none.values()}
        assert await stage.told(actor, action, real, *ids) == await stage.told(actor, action, none, *ids)
    assert {kind for kind, _ in things} == {*get_args(EntityKind)}


@pytest.mark.parametrize("who", ["stranger", NOBODY])
async def test_a_file_of_another_space_is_nothing_though_its_sha256_is_known(stage: Stage, who: str) -> None:
    ours = stage.world.ours
    exported = await stage.run(ours.who("viewer"), "export_kit", {"kit_id": ours.kit})
    async with stage.service.engine.connect() as connection:
        files = [*await connection.scalars(text(FILES))]

    async with client_of(stage.service, stage.world.actor(who)) as client:
        for file in (NO_FILE, *files):
            answer = await client.get(f"/files/{file}", headers={"if-none-match": f'"{file}"'})
            answers = masked(answer.content, asked=[file], known=())
            assert answer.status_code == 404
            assert answers == masked((await client.get(f"/files/{NO_FILE}")).content, asked=[NO_FILE], known=())
    assert exported.output.sha256 in files
