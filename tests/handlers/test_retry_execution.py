from typing import Any

import pytest

from adapters.memory.actions import MemoryActions
from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.history import MemoryHistory
from adapters.memory.repo import MemoryRepo
from handlers.retry_execution import RetryExecution
from ports.action import Caller, Execution
from ports.background import Accepted, BackgroundRefused, Later
from ports.checkpoint import PermissionMissing, ScopeMissing
from ports.executions import NothingToRetry, RetryRefused
from ports.ledger import Entry, State
from ports.library import Member
from ports.problem import Problem
from ports.repo import EntityNotFound
from ports.unit_of_work import Contended
from tests.handlers.ledger import recorded
from tests.handlers.run import run
from tests.library import member

PROBLEM = '{"code": "kit_name_taken"}'
ARGUMENTS = '{"name": "Red", "parts": [{"deep": [1]}]}'


def ended(state: State = "failed", actor: str = "tester", **fields: Any) -> Entry:
    return recorded(1, actor=actor, state=state, problem=PROBLEM, arguments=ARGUMENTS, **fields)


def retry_execution(*members: Member, entry: Entry, actions: MemoryActions | None = None) -> RetryExecution:
    repo = MemoryRepo(*members)
    repo.store.entries.append(entry)
    return RetryExecution(
        history=MemoryHistory(repo.store),
        checkpoint=MemoryCheckpoint(repo),
        actions=actions or MemoryActions(),
        execution=Execution(caller=Caller(actor="tester", scopes=frozenset({"*"}))),
        execution_id=entry.id,
    )


@pytest.mark.parametrize("state", ["rejected", "failed", "cancelled"])
async def test_it_is_queued_again_with_the_same_arguments(state: State) -> None:
    actions, first = MemoryActions(), ended(state)

    accepted = await run(retry_execution(entry=first, actions=actions))

    [enqueued] = actions.enqueued
    assert accepted == Accepted(id=enqueued.id, action="create_kit")
    assert (enqueued.name, enqueued.later) == ("create_kit", Later(retry_of=first.id))
    assert enqueued.arguments == {"name": "Red", "parts": [{"deep": [1]}]}


@pytest.mark.parametrize("state", ["queued", "running", "succeeded"])
async def test_what_did_not_end_so_is_not_run_again(state: State) -> None:
    actions = MemoryActions()
    with pytest.raises(NothingToRetry) as raised:
        await run(retry_execution(entry=recorded(1, state=state), actions=actions))

    assert (raised.value.state, actions.enqueued) == (state, [])


async def test_another_actors_is_run_by_who_may_see_it() -> None:
    assert await run(retry_execution(member("editor"), entry=ended(actor="ada")))
    with pytest.raises(EntityNotFound):
        await run(retry_execution(member("viewer"), entry=ended(actor="ada")))


async def test_what_the_action_refuses_now_is_told_by_its_code() -> None:
    actions = MemoryActions(create_kit=PermissionMissing(permission="kit.create"))
    with pytest.raises(RetryRefused) as raised:
        await run(retry_execution(entry=ended(), actions=actions))

    assert raised.value.refusal == "permission_missing"


@pytest.mark.parametrize("problem", [BackgroundRefused(), ScopeMissing(permission="kit.create"), Contended()])
async def test_what_is_secret_out_of_scope_or_may_pass_is_told_as_it_is(problem: Problem) -> None:
    with pytest.raises(type(problem)):
        await run(retry_execution(entry=ended(), actions=MemoryActions(create_kit=problem)))
