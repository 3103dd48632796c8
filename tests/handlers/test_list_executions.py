from typing import Any
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.history import MemoryHistory
from adapters.memory.repo import MemoryRepo
from handlers.list_executions import ListExecutions
from ports.action import Caller, Execution
from ports.checkpoint import PermissionMissing, ScopeMissing
from ports.cursor import InvalidCursor
from ports.library import Member, Role
from tests.handlers.ledger import recorded
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, SPACE, member

ENTRIES = [
    recorded(1),
    recorded(2, actor="ada", action="rename_kit"),
    recorded(3, space_id=OTHER_SPACE.id),
    recorded(4, actor="ada", space_id=None),
    recorded(5, state="rejected", problem='{"code": "kit_name_taken"}'),
]


def list_executions(*members: Member, scope: str = "execution.read", **arguments: Any) -> ListExecutions:
    repo = MemoryRepo(*members)
    repo.store.entries += ENTRIES
    return ListExecutions(
        history=MemoryHistory(repo.store),
        checkpoint=MemoryCheckpoint(repo),
        execution=Execution(caller=Caller(actor="tester", scopes=frozenset({scope}))),
        **arguments,
    )


async def listed(*members: Member, **arguments: Any) -> list[int]:
    page = await run(list_executions(*members, **arguments))
    return [execution.id.int - 1000 for execution in page.items]


async def test_the_executions_of_a_space_are_everybodys_newest_first() -> None:
    assert await listed(member("editor"), space_id=SPACE.id) == [5, 2, 1]


async def test_without_a_space_they_are_the_callers_own_in_every_space() -> None:
    assert await listed() == [5, 3, 1]


async def test_one_tells_at_a_glance_what_came_of_it() -> None:
    newest = (await run(list_executions(limit=1))).items[0]

    assert (newest.action, newest.state, newest.problem_code) == ("create_kit", "rejected", "kit_name_taken")


async def test_they_are_found_by_action_and_state() -> None:
    assert await listed(member("editor"), space_id=SPACE.id, action="rename_kit") == [2]
    assert await listed(member("editor"), space_id=SPACE.id, state="rejected") == [5]
    assert await listed(action="create_kit", state="succeeded") == [3, 1]


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    first = await run(list_executions(limit=2))

    assert len(first.items) == 2
    assert await listed(limit=2, cursor=first.next_cursor) == [1]


async def test_a_cursor_that_no_page_gave_is_a_problem() -> None:
    with pytest.raises(InvalidCursor):
        await listed(cursor="next")


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await listed(member(role), space_id=SPACE.id)


async def test_a_viewer_may_not() -> None:
    with pytest.raises(PermissionMissing):
        await listed(member("viewer"), space_id=SPACE.id)


async def test_a_stranger_cannot_tell_whether_the_space_exists() -> None:
    told = await refusal(list_executions(member("owner", "somebody"), space_id=SPACE.id))

    unknown = UUID(int=99)
    assert told | {"id": unknown} == await refusal(list_executions(space_id=unknown))


async def test_an_operator_sees_every_space_and_everybody() -> None:
    scope = "execution.read_all"
    assert await listed(scope=scope, space_id=OTHER_SPACE.id) == [3]
    assert await listed(scope=scope, everybody=True) == [5, 4, 3, 2, 1]
    assert await listed(scope=scope) == [5, 3, 1]


@pytest.mark.parametrize("scope", ["execution.read", "execution.*", "*"])
async def test_who_is_no_operator_does_not_see_everybody(scope: str) -> None:
    with pytest.raises(ScopeMissing) as raised:
        await listed(member("owner"), everybody=True, scope=scope)

    assert raised.value.permission == "execution.read_all"
