"""Scheduling: what workers do, so that scheduled actions run by themselves."""

import asyncio
from datetime import datetime
from uuid import UUID

from adapters.structlog.logger import unbound_log
from ports.action import ActionHandler, Caller
from ports.argument import check
from ports.background import Later
from ports.unit_of_work import DatabaseUnavailable
from service.composition import Adapters, Service
from service.outcome import Outcome
from service.run import Run, new_execution

AGAIN_SECONDS = 1.0
LONGEST_SECONDS = 60.0  # another code may have moved a tick, and somebody the clock


async def follow_timetable(service: Service) -> None:
    """Keep the timetable, and start what is due when it is; until cancelled."""
    kept = False
    while service.registry.scheduled:
        try:
            if not kept:
                await keep_timetable(service)
                kept = True
            await start_due(service)
            seconds = await seconds_until_next(service)
        except DatabaseUnavailable:
            seconds = AGAIN_SECONDS
        except Exception as error:  # noqa: BLE001 - the next ticks come all the same
            unbound_log().error("schedule.failed", exc_info=error)
            seconds = LONGEST_SECONDS
        await asyncio.sleep(LONGEST_SECONDS if seconds is None else min(seconds, LONGEST_SECONDS))


async def keep_timetable(service: Service, *, now: datetime | None = None) -> None:
    """Put on the timetable what this code schedules; what is there of another one stays."""
    async with (adapters := _adapters(service)).unit_of_work.transaction():
        await adapters.timetable.keep(now=now)


async def start_due(service: Service, *, now: datetime | None = None) -> list[UUID]:
    """Queue an execution of each action whose tick has come, and return these.

    However many do this at the same time, there is one for each tick; of ticks that nobody was there for, one for all.
    Who is killed meanwhile has started nothing, and leaves it to the next.
    """
    scheduler = scheduler_of()
    if not service.introductions.know(scheduler):
        await service.introductions.introduce(scheduler)
    async with (adapters := _adapters(service)).unit_of_work.transaction():
        started = []
        for due in await adapters.timetable.due(now=now):
            execution_id = await _queue(service, adapters, due.timing.action)
            await adapters.timetable.ran(due, execution_id=execution_id)
            started.append(execution_id)
    return started


async def seconds_until_next(service: Service, *, now: datetime | None = None) -> float | None:
    """Return how long a worker may sleep until a tick comes; None if none does."""
    async with (adapters := _adapters(service)).unit_of_work.transaction(readonly=True):
        return await adapters.timetable.seconds_until_next(now=now)


def scheduler_of(*permissions: str) -> Caller:
    """Return who asks for what runs by itself: they may do that, and nothing else."""
    return Caller(
        actor="scheduler", kind="service", name="Scheduler", entry_point="schedule", scopes=frozenset(permissions)
    )


async def _queue(service: Service, adapters: Adapters, action: str) -> UUID:
    handler: type[ActionHandler] = service.registry.find(action, internal=True)
    assert handler.schedule is not None  # noqa: S101 - the timetable was asked for what this code schedules
    arguments = handler.schedule.arguments
    execution = new_execution(scheduler_of(handler.permission), outer=None, trace_id="")
    run = Run(action=action, adapters=Adapters(service, execution), later=Later())
    run.record_intent(handler, arguments)
    run.handler, run.arguments = handler, check(handler.input_model, arguments)
    accepted = Outcome.accepted(execution.id, action)
    return await adapters.queue.put(run.entry(accepted, secret=service.key))


def _adapters(service: Service) -> Adapters:
    return Adapters(service, new_execution(scheduler_of(), outer=None, trace_id=""))
