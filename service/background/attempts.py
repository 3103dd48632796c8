"""Attempts: what a worker does with one execution that it has claimed."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pydantic_core import to_json

from ports.action import Caller, Execution
from ports.actions import ExecutionCancelled
from ports.background import ClaimLost, Retry, WorkerLost
from ports.problem import Problem
from ports.unit_of_work import DatabaseUnavailable, OutcomeUnknown
from ports.work import Claimed, Ending, Lost
from service.composition import Adapters, Service
from service.outcome import Outcome
from service.runner import ActionRunner

AGAIN_SECONDS = 0.5


async def attempt(service: Service, claimed: Claimed, *, replaced: Mapping[str, object]) -> None:
    """Run it once, and write what became of it, unless nobody can tell or it is another worker's by now."""
    runner = ActionRunner(service, claimed.caller, trace_id=claimed.trace_id, replaced=replaced)
    outcome = await runner.attempt(claimed)
    if outcome.problem is not None and not isinstance(outcome.problem, OutcomeUnknown):
        await end(service, claimed, _ending(service, claimed, outcome))


async def cancel(service: Service, claimed: Claimed) -> None:
    """Write that it was cancelled."""
    await end(service, claimed, _cancelled(claimed))


async def end(service: Service, claimed: Claimed, ending: Ending) -> None:
    """Write the ending of an attempt; while the database cannot be reached, again and again until its lease ends."""
    until = asyncio.get_running_loop().time() + service.settings.lease_seconds
    while True:
        try:
            adapters = Adapters(service, claimed.execution)
            async with adapters.unit_of_work.transaction():
                await adapters.queue.end(claimed.id, claim=claimed.claim, ending=ending)
        except ClaimLost:
            if ending.state == "cancelled":
                return  # it is another worker's by now
            ending = _cancelled(claimed)  # that, or it was cancelled while it met a problem
        except DatabaseUnavailable:
            if asyncio.get_running_loop().time() > until:
                return
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return


async def bury_lost(service: Service, *, most: int = 100) -> int:
    """End attempts whose workers were lost, and return how many: each is made again, or was the last."""
    adapters = Adapters(service, Execution(caller=Caller(actor="worker"), at=datetime.now(UTC)))
    async with adapters.unit_of_work.transaction():
        lost = await adapters.queue.lost(most=most)
        for each in lost:
            await adapters.queue.end(each.id, claim=each.claim, ending=_ending_of_lost(service, each))
    return len(lost)


def _ending(service: Service, claimed: Claimed, outcome: Outcome) -> Ending:
    assert outcome.problem is not None  # noqa: S101 - who asks has looked
    if isinstance(outcome.problem, ClaimLost):  # either another worker has it, or it was cancelled before it succeeded
        return _cancelled(claimed)
    final = Ending(state=outcome.state, problem=outcome.body.decode())
    return _again_or(final, service, claimed, outcome.problem)


def _ending_of_lost(service: Service, lost: Lost) -> Ending:
    if lost.cancelled:
        return _cancelled(lost)
    return _again_or(Ending(state="failed", problem=_text(WorkerLost(), lost)), service, lost, WorkerLost())


def _again_or(final: Ending, service: Service, attempted: Claimed | Lost, problem: Problem) -> Ending:
    """Return the ending of an attempt that met a problem: that another one is made, or the final one."""
    handler = service.registry.known(attempted.action)
    retry = handler.retry if handler else Retry()
    if not retry.heals(problem):
        return final
    if attempted.attempt >= retry.attempts:
        return replace(final, state="failed")
    return replace(final, state="queued", wait=retry.wait(attempted.attempt))


def _cancelled(attempted: Claimed | Lost) -> Ending:
    return Ending(state="cancelled", problem=_text(ExecutionCancelled(), attempted))


def _text(problem: Problem, attempted: Claimed | Lost) -> str:
    return to_json(problem.document(execution_id=attempted.id, trace_id=attempted.trace_id)).decode()
