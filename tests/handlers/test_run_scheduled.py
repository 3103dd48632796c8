from datetime import UTC, datetime

import pytest

from adapters.memory.actions import MemoryActions
from adapters.memory.timetable import MemoryTimetable
from adapters.memory.unit_of_work import MemoryUnitOfWork
from handlers.run_scheduled import RunScheduled
from ports.action import Caller
from ports.background import Accepted
from ports.checkpoint import ScopeMissing
from ports.schedule import Schedule
from ports.timetable import NotScheduled
from service.testing import Trial

SCHEDULES = {"sweep": Schedule("0 3 * * *", arguments={"days": 3})}


def trial(**answers: object) -> Trial:
    asked = Trial(caller=Caller(actor="operator"), actions=MemoryActions(**answers))
    return asked.place(timetable=MemoryTimetable(asked.store, SCHEDULES))


async def test_it_is_queued_with_the_arguments_of_its_schedule() -> None:
    asked = trial()

    accepted = await asked.run(RunScheduled, action="sweep")

    (queued,) = asked.enqueued
    assert accepted == Accepted(id=queued.id, action="sweep")
    assert (queued.name, queued.arguments) == ("sweep", {"days": 3})


async def test_its_next_tick_stays_what_it_is() -> None:
    asked = trial()
    timetable = MemoryTimetable(asked.store, SCHEDULES)
    async with MemoryUnitOfWork(asked.store).transaction():
        await timetable.keep(now=datetime(2026, 1, 1, tzinfo=UTC))
    before = await timetable.timings()

    await asked.run(RunScheduled, action="sweep")

    assert await timetable.timings() == before


async def test_what_runs_by_no_schedule_is_a_problem() -> None:
    asked = trial()

    with pytest.raises(NotScheduled) as raised:
        await asked.run(RunScheduled, action="create_kit")

    assert (raised.value.action, asked.enqueued) == ("create_kit", [])


async def test_who_may_not_do_it_may_not_have_it_done() -> None:
    asked = trial(sweep=ScopeMissing(permission="file.sweep"))

    with pytest.raises(ScopeMissing):
        await asked.run(RunScheduled, action="sweep")


def test_it_is_for_operators() -> None:
    assert RunScheduled.operator
