from datetime import UTC, datetime, timedelta

from adapters.memory.store import MemoryStore
from adapters.memory.timetable import MemoryTimetable
from adapters.memory.unit_of_work import MemoryUnitOfWork
from handlers.list_schedules import ListSchedules, ScheduledAction
from ports.action import Caller
from ports.schedule import Schedule
from service.testing import Trial
from tests.handlers.ledger import recorded

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
THREE = NEW_YEAR + timedelta(hours=3)
SCHEDULES = {"sweep": Schedule("0 3 * * *"), "prune": Schedule("0 4 * * *", zone="Europe/Berlin")}


async def ticked(store: MemoryStore, timetable: MemoryTimetable) -> None:
    """The first tick comes, of both."""
    async with MemoryUnitOfWork(store).transaction():
        await timetable.keep(now=NEW_YEAR)
        for number, due in enumerate(await timetable.due(now=THREE)):
            await timetable.ran(due, execution_id=recorded(number).id)


def trial() -> tuple[Trial, MemoryTimetable]:
    listed = Trial(caller=Caller(actor="operator"))
    timetable = MemoryTimetable(listed.store, SCHEDULES)
    listed.store.entries += [recorded(0, state="failed", problem='{"code": "timed_out"}'), recorded(1)]
    return listed.place(timetable=timetable), timetable


async def test_before_a_worker_has_begun_there_is_no_next_time() -> None:
    listed, _ = trial()

    assert [(item.action, item.cron, item.zone, item.next_at) for item in (await listed.run(ListSchedules)).items] == [
        ("prune", "0 4 * * *", "Europe/Berlin", None),
        ("sweep", "0 3 * * *", "UTC", None),
    ]


async def test_the_last_and_the_next_time_are_told_and_what_came_of_the_last() -> None:
    listed, timetable = trial()
    await ticked(listed.store, timetable)

    page = await listed.run(ListSchedules)

    tomorrow = THREE + timedelta(days=1)
    told = {"next_at": tomorrow, "last_at": THREE}
    assert page.items == [
        ScheduledAction(
            action="prune", cron="0 4 * * *", zone="Europe/Berlin",
            last_execution_id=recorded(0).id, last_state="failed", **told,
        ),
        ScheduledAction(
            action="sweep", cron="0 3 * * *", zone="UTC",
            last_execution_id=recorded(1).id, last_state="succeeded", **told,
        ),
    ]  # fmt: skip


async def test_only_what_this_code_schedules_is_listed() -> None:
    listed, timetable = trial()
    await ticked(listed.store, timetable)
    listed.place(timetable=MemoryTimetable(listed.store, {"sweep": SCHEDULES["sweep"]}))

    assert [item.action for item in (await listed.run(ListSchedules)).items] == ["sweep"]


def test_it_is_for_operators() -> None:
    assert ListSchedules.operator
