from typing import Any
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.history import MemoryHistory
from adapters.memory.repo import MemoryRepo
from handlers.get_execution import GetExecution
from ports.action import Caller, Execution
from ports.attempts import ProblemRecord
from ports.ledger import Entry
from ports.library import Member, Role
from tests.handlers.ledger import recorded
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, member

OWN, ADAS = recorded(1, space_id=OTHER_SPACE.id), recorded(1, actor="ada")


def get_execution(*members: Member, entry: Entry | None = ADAS, scope: str = "execution.read") -> GetExecution:
    repo = MemoryRepo(*members)
    repo.store.entries += [entry] if entry else []
    return GetExecution(
        history=MemoryHistory(repo.store),
        checkpoint=MemoryCheckpoint(repo),
        execution=Execution(caller=Caller(actor="tester", scopes=frozenset({scope}))),
        execution_id=UUID(int=1001),
    )


async def told(*members: Member, **given: Any) -> dict[str, Any]:
    document = await refusal(get_execution(*members, **given))
    assert (document["code"], document["kind"], document["id"]) == ("entity_not_found", "execution", UUID(int=1001))
    return document


async def test_ones_own_is_told_with_what_was_asked_and_answered() -> None:
    found = await run(get_execution(entry=OWN))

    assert (found.id, found.action, found.state, found.actor) == (OWN.id, "create_kit", "succeeded", "tester")
    assert (found.arguments, found.output, found.problem) == ({"name": "Red"}, {"name": "Red"}, None)


async def test_one_that_failed_is_told_with_its_problem() -> None:
    found = await run(get_execution(entry=recorded(1, state="rejected", problem='{"code": "kit_name_taken"}')))

    assert (found.state, found.problem) == ("rejected", ProblemRecord.of({"code": "kit_name_taken"}))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_another_actors_is_for_those_who_may_see_the_spaces(role: Role) -> None:
    assert (await run(get_execution(member(role)))).actor == "ada"


@pytest.mark.parametrize("members", [[], [member("viewer")], [member("owner", of=OTHER_SPACE)]])
async def test_to_all_others_it_is_as_if_it_were_not_there(members: list[Member]) -> None:
    assert await told(*members) == await told(*members, entry=None)


async def test_another_actors_in_no_space_is_as_if_it_were_not_there() -> None:
    assert await told(member("owner"), entry=recorded(1, actor="ada", space_id=None)) == await told(entry=None)


async def test_an_operator_sees_every_one() -> None:
    assert await run(get_execution(scope="execution.read_all"))
    assert await run(get_execution(scope="execution.read_all", entry=recorded(1, actor="ada", space_id=None)))


@pytest.mark.parametrize("scope", ["execution.*", "*"])
async def test_who_may_everything_is_no_operator_yet(scope: str) -> None:
    await refusal(get_execution(scope=scope, entry=recorded(1, actor="ada", space_id=None)))
