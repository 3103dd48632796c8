from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.memory.actions import MemoryActions
from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.history import MemoryHistory
from adapters.memory.repo import MemoryRepo
from handlers.retry_executions import Retried, RetryExecutions
from ports.action import Caller, Execution
from ports.background import Later
from ports.checkpoint import PermissionMissing, ScopeMissing
from ports.ledger import Entry, State
from ports.library import KitNameTaken, Member
from ports.unit_of_work import Contended
from tests.handlers.ledger import recorded, worked
from tests.handlers.run import run
from tests.library import OTHER_SPACE, SPACE, member

PROBLEM = '{"code": "internal_error"}'


def failed(number: int, state: State = "failed", **fields: Any) -> Entry:
    return worked(number, state=state, problem=PROBLEM, **fields)


ENTRIES = [
    failed(1),
    failed(2, actor="ada"),
    failed(3, action="rename_kit", space_id=OTHER_SPACE.id),
    failed(4, "rejected"),
    recorded(5, state="failed", problem=PROBLEM),
    failed(6, "cancelled"),
    worked(7),
]


async def retried(
    *members: Member, scope: str = "execution.retry", actions: MemoryActions | None = None, **arguments: Any
) -> tuple[Retried, list[int]]:
    """What is answered, and the numbers of those that are run again."""
    repo = MemoryRepo(*members)
    repo.store.entries += arguments.pop("entries", ENTRIES)
    actions = actions or MemoryActions()
    action = RetryExecutions(
        history=MemoryHistory(repo.store),
        checkpoint=MemoryCheckpoint(repo),
        actions=actions,
        execution=Execution(caller=Caller(actor="tester", scopes=frozenset({scope}))),
        **arguments,
    )
    answer: Retried = await run(action)
    return answer, [each.later.retry_of.int - 1000 for each in actions.enqueued if each.later.retry_of]


async def test_ones_own_that_failed_in_the_background_are_run_again() -> None:
    assert await retried() == (Retried(retried=2, refused=0, next_cursor=None), [3, 1])


async def test_they_are_found_by_action_state_and_time() -> None:
    assert (await retried(action="rename_kit"))[1] == [3]
    assert (await retried(state="rejected"))[1] == [4]
    assert (await retried(state="cancelled"))[1] == [6]
    assert (await retried(since=datetime(2026, 1, 1, tzinfo=UTC)))[1] == []


async def test_what_was_run_again_is_not_run_once_more() -> None:
    again = worked(8, state="queued", later=Later(retry_of=ENTRIES[0].id))

    assert (await retried(entries=[*ENTRIES, again]))[1] == [3]


async def test_those_of_a_space_are_for_who_may() -> None:
    assert (await retried(member("editor"), space_id=SPACE.id))[1] == [2, 1]
    with pytest.raises(PermissionMissing):
        await retried(member("viewer"), space_id=SPACE.id)


async def test_everybodys_are_for_operators() -> None:
    assert (await retried(everybody=True, scope="execution.read_all"))[1] == [3, 2, 1]
    with pytest.raises(ScopeMissing):
        await retried(member("owner"), everybody=True, scope="*")


async def test_those_that_are_refused_are_counted() -> None:
    actions = MemoryActions(create_kit=KitNameTaken(name="Red"))

    answer, again = await retried(actions=actions)

    assert (answer, again) == (Retried(retried=1, refused=1, next_cursor=None), [3])


async def test_what_may_pass_is_no_refusal() -> None:
    with pytest.raises(Contended):
        await retried(actions=MemoryActions(create_kit=Contended()))


async def test_it_goes_on_where_it_ended() -> None:
    first, again = await retried(limit=1)

    assert (first.retried, again) == (1, [3])
    assert (await retried(limit=1, cursor=first.next_cursor))[1] == [1]
