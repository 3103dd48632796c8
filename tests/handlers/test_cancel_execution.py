from typing import Any
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.history import MemoryHistory
from adapters.memory.queue import MemoryQueue
from adapters.memory.repo import MemoryRepo
from handlers.cancel_execution import CancelExecution, Cancellation
from ports.action import Caller, Execution
from ports.checkpoint import PermissionMissing, ScopeMissing
from ports.executions import ExecutionEnded
from ports.ledger import Entry, State
from ports.library import Member, Role
from tests.handlers.ledger import recorded, worked
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, member

OWN, ADAS = worked(1, state="running", space_id=OTHER_SPACE.id), worked(1, state="running", actor="ada")
NOWHERE = worked(1, state="running", actor="ada", space_id=None)


def cancel_execution(*members: Member, entry: Entry | None = ADAS, scopes: tuple[str, ...] = ("*",)) -> CancelExecution:
    repo = MemoryRepo(*members)
    repo.store.entries += [entry] if entry else []
    return CancelExecution(
        work_queue=MemoryQueue(repo.store),
        history=MemoryHistory(repo.store),
        checkpoint=MemoryCheckpoint(repo),
        execution=Execution(caller=Caller(actor="tester", scopes=frozenset(scopes))),
        execution_id=UUID(int=1001),
    )


async def told(*members: Member, **given: Any) -> dict[str, Any]:
    document = await refusal(cancel_execution(*members, **given))
    assert (document["code"], document["kind"], document["id"]) == ("entity_not_found", "execution", UUID(int=1001))
    return document


async def test_ones_own_that_waits_is_cancelled_at_once() -> None:
    action = cancel_execution(entry=worked(1, state="queued", space_id=None))

    assert await run(action) == Cancellation(id=UUID(int=1001), state="cancelled")
    assert (await action.history.execution(UUID(int=1001))).problem_code == "execution_cancelled"
    assert await run(action) == Cancellation(id=UUID(int=1001), state="cancelled")


async def test_ones_own_that_runs_is_told_to_stop() -> None:
    action = cancel_execution(entry=OWN)

    assert await run(action) == Cancellation(id=UUID(int=1001), state="running")
    assert (await action.history.execution(UUID(int=1001))).cancel_requested


@pytest.mark.parametrize("state", ["succeeded", "rejected", "failed"])
async def test_what_has_ended_is_told_with_how(state: State) -> None:
    for entry in (worked(1, state=state), recorded(1, state=state)):
        with pytest.raises(ExecutionEnded) as raised:
            await run(cancel_execution(entry=entry))

        assert (raised.value.state, raised.value.status) == (state, 409)


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_another_actors_is_for_the_admins_of_its_space(role: Role) -> None:
    assert (await run(cancel_execution(member(role)))).state == "running"


async def test_who_may_only_see_it_may_not() -> None:
    with pytest.raises(PermissionMissing) as raised:
        await run(cancel_execution(member("editor")))

    assert raised.value.permission == "execution.cancel"


@pytest.mark.parametrize("members", [[], [member("viewer")], [member("owner", of=OTHER_SPACE)]])
async def test_to_who_may_not_see_it_it_is_as_if_it_were_not_there(members: list[Member]) -> None:
    assert await told(*members) == await told(*members, entry=None)


async def test_another_actors_in_no_space_is_as_if_it_were_not_there() -> None:
    assert await told(member("owner"), entry=NOWHERE) == await told(entry=None)


async def test_an_operator_cancels_every_one_by_a_scope_that_says_so() -> None:
    for entry in (ADAS, NOWHERE):
        assert await run(cancel_execution(entry=entry, scopes=("*", "execution.cancel_any")))
        with pytest.raises(ScopeMissing) as raised:
            await run(cancel_execution(entry=entry, scopes=("*", "execution.read_all")))
        assert raised.value.permission == "execution.cancel_any"
