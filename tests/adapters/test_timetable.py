"""The timetable of scheduled actions, in memory and in PostgreSQL: each tick once, whoever asks."""

from asyncio import Event, TaskGroup
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ports.schedule import Schedule
from ports.timetable import Timing
from tests.adapters.storage import Storage

NIGHT, LATER = Schedule("0 3 * * *"), Schedule("0 4 * * *", zone="Europe/Berlin")
SWEEP, HOURLY = {"sweep": NIGHT}, {"sweep": Schedule("0 * * * *")}
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THREE = NEW_YEAR + 3 * HOUR


Code = dict[str, Schedule]


async def keep(storage: Storage, code: Code, *, now: datetime = NEW_YEAR) -> None:
    async with storage.transaction() as ports:
        await ports.timetable(code).keep(now=now)


async def run_due(storage: Storage, code: Code, *, now: datetime) -> dict[str, datetime]:
    """Start what is due, and return for which ticks."""
    async with storage.transaction() as ports:
        timetable = ports.timetable(code)
        due = await timetable.due(now=now)
        for each in due:
            await timetable.ran(each, execution_id=ports.execution_id)
    return {each.timing.action: each.at for each in due}


async def lines(storage: Storage, code: Code) -> dict[str, Timing]:
    async with storage.transaction(readonly=True) as ports:
        return {**await ports.timetable(code).timings()}


async def next_tick(storage: Storage) -> datetime:
    return (await lines(storage, SWEEP))["sweep"].next_at


async def seconds(storage: Storage, code: Code, *, now: datetime | None = None) -> float | None:
    async with storage.transaction(readonly=True) as ports:
        return await ports.timetable(code).seconds_until_next(now=now)


async def test_a_new_action_runs_at_its_first_tick_from_now_on(storage: Storage) -> None:
    await keep(storage, {"sweep": NIGHT, "prune": LATER})

    assert await lines(storage, {"sweep": NIGHT, "prune": LATER, "other": NIGHT}) == {
        "sweep": Timing(action="sweep", cron="0 3 * * *", zone="UTC", next_at=THREE),
        "prune": Timing(action="prune", cron="0 4 * * *", zone="Europe/Berlin", next_at=THREE),
    }


async def test_a_tick_is_due_from_its_moment_on_and_only_once(storage: Storage) -> None:
    await keep(storage, SWEEP)

    assert await run_due(storage, SWEEP, now=THREE - timedelta(microseconds=1)) == {}
    assert await run_due(storage, SWEEP, now=THREE) == {"sweep": THREE}
    assert await run_due(storage, SWEEP, now=THREE) == {}
    assert await run_due(storage, SWEEP, now=THREE + DAY) == {"sweep": THREE + DAY}


async def test_a_line_tells_what_ran_last_and_what_comes_next(storage: Storage) -> None:
    await keep(storage, SWEEP)
    async with storage.transaction() as ports:
        (due,) = await ports.timetable(SWEEP).due(now=THREE + timedelta(seconds=5))
        await ports.timetable(SWEEP).ran(due, execution_id=ports.execution_id)

    line = (await lines(storage, SWEEP))["sweep"]
    assert (line.last_at, line.next_at, line.last_execution_id) == (THREE, THREE + DAY, ports.execution_id)


async def test_what_was_missed_is_caught_up_with_once(storage: Storage) -> None:
    await keep(storage, HOURLY)

    assert await run_due(storage, HOURLY, now=NEW_YEAR + 9.5 * HOUR) == {"sweep": NEW_YEAR + HOUR}
    assert await next_tick(storage) == NEW_YEAR + 10 * HOUR


async def test_nothing_changes_for_what_is_kept_again(storage: Storage) -> None:
    await keep(storage, SWEEP)
    await run_due(storage, SWEEP, now=THREE)
    before = await lines(storage, SWEEP)

    await keep(storage, SWEEP, now=NEW_YEAR + 5 * DAY)

    assert await lines(storage, SWEEP) == before


async def test_who_changes_a_schedule_moves_its_next_tick_and_keeps_the_last(storage: Storage) -> None:
    await keep(storage, SWEEP)
    await run_due(storage, SWEEP, now=THREE)

    await keep(storage, HOURLY, now=THREE)

    line = (await lines(storage, SWEEP))["sweep"]
    assert (line.cron, line.last_at, line.next_at) == ("0 * * * *", THREE, THREE + HOUR)
    assert line.last_execution_id is not None


async def test_who_changes_the_zone_alone_moves_the_next_tick(storage: Storage) -> None:
    await keep(storage, SWEEP)
    await keep(storage, {"sweep": Schedule("0 3 * * *", zone="Europe/Berlin")})

    assert await next_tick(storage) == THREE - HOUR


async def test_what_is_overdue_when_its_schedule_changes_is_caught_up_with_first(storage: Storage) -> None:
    await keep(storage, SWEEP)
    await keep(storage, {"sweep": LATER}, now=NEW_YEAR + 6 * HOUR)

    assert await run_due(storage, SWEEP, now=NEW_YEAR + 6 * HOUR) == {"sweep": THREE}
    assert await next_tick(storage) == THREE + DAY


async def test_what_one_code_does_not_know_is_left_to_the_other(storage: Storage) -> None:
    older, newer = {"sweep": NIGHT, "prune": NIGHT}, {"sweep": NIGHT, "expire": NIGHT}
    await keep(storage, older)
    await keep(storage, newer)

    assert await run_due(storage, newer, now=THREE) == {"sweep": THREE, "expire": THREE}
    assert await run_due(storage, older, now=THREE) == {"prune": THREE}


async def test_the_next_tick_is_by_what_is_on_the_timetable_also_for_an_older_code(storage: Storage) -> None:
    await keep(storage, SWEEP)
    await keep(storage, HOURLY)

    assert await run_due(storage, SWEEP, now=NEW_YEAR + HOUR) == {"sweep": NEW_YEAR + HOUR}
    assert await next_tick(storage) == NEW_YEAR + 2 * HOUR


async def test_two_at_once_are_never_given_the_same(storage: Storage) -> None:
    both = {"sweep": NIGHT, "prune": NIGHT}
    await keep(storage, both)
    async with storage.transaction() as first:
        held = await first.timetable(SWEEP).due(now=THREE)
        async with storage.transaction() as second:
            others = await second.timetable(both).due(now=THREE)

    assert [each.timing.action for each in held] == ["sweep"]
    assert [each.timing.action for each in others] == ["prune"]


async def test_who_comes_to_nothing_leaves_the_tick_to_another(storage: Storage) -> None:
    await keep(storage, SWEEP)
    with pytest.raises(ZeroDivisionError):
        async with storage.transaction() as ports:
            (due,) = await ports.timetable(SWEEP).due(now=THREE)
            await ports.timetable(SWEEP).ran(due, execution_id=UUID(int=9))
            raise ZeroDivisionError

    assert await run_due(storage, SWEEP, now=THREE) == {"sweep": THREE}


async def test_what_was_kept_in_vain_is_not_there(storage: Storage) -> None:
    with pytest.raises(ZeroDivisionError):
        async with storage.transaction() as ports:
            await ports.timetable(SWEEP).keep(now=NEW_YEAR)
            raise ZeroDivisionError

    assert await lines(storage, SWEEP) == {}


async def test_many_who_begin_at_once_keep_one_line_each(storage: Storage) -> None:
    both, together = {"sweep": NIGHT, "prune": LATER}, Event()

    async def begin() -> None:
        async with storage.transaction() as ports:
            await together.wait()
            await ports.timetable(both).keep(now=NEW_YEAR)

    async with TaskGroup() as group:
        for _ in range(4):
            group.create_task(begin())
        together.set()

    assert [line.next_at for line in (await lines(storage, both)).values()] == [THREE, THREE]


async def test_how_long_it_is_until_the_next_tick_is_known(storage: Storage) -> None:
    both = {"sweep": NIGHT, "prune": Schedule("0 1 * * *")}
    await keep(storage, both)

    assert await seconds(storage, both, now=NEW_YEAR) == HOUR.total_seconds()
    assert await seconds(storage, SWEEP, now=NEW_YEAR + HOUR) == 2 * HOUR.total_seconds()
    assert await seconds(storage, SWEEP, now=THREE + HOUR) == 0
    assert await seconds(storage, {"other": NIGHT}, now=NEW_YEAR) is None


async def test_time_is_that_of_now_unless_it_is_given(storage: Storage) -> None:
    async with storage.transaction() as ports:
        await ports.timetable({"prune": Schedule("* * * * *")}).keep()
    await keep(storage, HOURLY)

    left = await seconds(storage, {"prune": NIGHT})
    assert left is not None
    assert 0 <= left <= 60
    assert await seconds(storage, HOURLY) == 0
    async with storage.transaction() as ports:
        (due,) = await ports.timetable(HOURLY).due()
        assert due.next_at - datetime.now(UTC) <= HOUR


async def test_nothing_is_kept_of_no_schedules(storage: Storage) -> None:
    await keep(storage, {})

    assert await run_due(storage, {}, now=THREE) == {}
