"""Actions that run by themselves: each tick once, over all workers and whatever is killed."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from service.background.scheduling import keep_timetable, seconds_until_next, start_due
from tests.parent import with_its_parent
from tests.service.conftest import Bench
from tests.service.probes.tick import YEARLY
from tests.service.test_ledger_invariants import eventually
from tests.service.working import ended, row_of, working

TICKS = int(os.environ.get("TICKS", "200"))
PROCESSES = 3
TICKS_A_KILL, LATEST_KILL_SECONDS = 15, 0.006
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)
NEW_YEAR = YEARLY.next_after(SUMMER)
YEAR_AFTER = YEARLY.next_after(NEW_YEAR)
LINE = "select next_at, last_at, last_execution_id from schedules where action = 'tick'"


async def line(bench: Bench) -> Any:
    [found] = await bench.rows(LINE)
    return found


async def ticks(bench: Bench) -> int:
    return len(await bench.rows("select id from executions where action = 'tick'"))


async def test_a_tick_queues_one_execution_in_the_name_of_the_scheduler(bench: Bench) -> None:
    await keep_timetable(bench.service, now=SUMMER)
    assert await start_due(bench.service, now=SUMMER) == []

    started = await start_due(bench.service, now=NEW_YEAR)

    [row] = await bench.rows(
        "select id, action, state, actor, entry_point, scopes, arguments, priority, parent_id from executions"
    )
    said = (["clock.tick"], {"word": "tick"}, 7, None)
    assert row == (started[0], "tick", "queued", "scheduler", "schedule", *said)
    assert await line(bench) == (YEAR_AFTER, NEW_YEAR, started[0])


async def test_the_scheduler_is_known_by_name(bench: Bench) -> None:
    await keep_timetable(bench.service, now=SUMMER)
    await start_due(bench.service, now=NEW_YEAR)

    known = "select display_name, kind from actors where subject = 'scheduler'"
    assert await bench.rows(known) == [("Scheduler", "service")]


async def test_many_at_once_start_a_tick_once(bench: Bench) -> None:
    await keep_timetable(bench.service, now=SUMMER)
    at = SUMMER
    for number in range(1, 21):
        at = YEARLY.next_after(at)
        started = await asyncio.gather(*(start_due(bench.service, now=at) for _ in range(6)))
        assert sum(map(len, started)) == 1
        assert await ticks(bench) == number


async def test_after_a_downtime_there_is_one_execution_for_all_that_was_missed(bench: Bench) -> None:
    await keep_timetable(bench.service, now=SUMMER)
    back = NEW_YEAR + timedelta(days=10 * 365)

    assert len(await start_due(bench.service, now=back)) == 1
    assert await start_due(bench.service, now=back) == []
    assert (await line(bench))[:2] == (YEARLY.next_after(back), NEW_YEAR)


async def test_how_long_it_is_until_the_next_tick_is_known(bench: Bench) -> None:
    assert await seconds_until_next(bench.service, now=SUMMER) is None
    await keep_timetable(bench.service, now=SUMMER)

    assert await seconds_until_next(bench.service, now=SUMMER) == (NEW_YEAR - SUMMER).total_seconds()
    assert await seconds_until_next(bench.service, now=YEAR_AFTER) == 0


async def test_a_worker_catches_up_with_what_it_was_not_there_for_and_runs_it(bench: Bench) -> None:
    await keep_timetable(bench.service, now=datetime(2000, 7, 1, tzinfo=UTC))
    async with working(bench, worker_executions=1), working(bench):
        await eventually(lambda: _started(bench), seconds=20)
        last = (await line(bench))[2]
        await eventually(lambda: ended(bench, last))
        next_at, last_at, _ = await line(bench)

    assert (await row_of(bench, last))[:4] == ("succeeded", 1, 1, '"tick"')
    assert await ticks(bench) == 1
    assert (next_at, last_at.year) == (YEARLY.next_after(datetime.now(UTC)), 2001)


async def _started(bench: Bench) -> bool:
    return [row for row in await bench.rows(LINE) if row[2]] != []


async def test_a_worker_puts_what_is_scheduled_on_the_timetable(bench: Bench) -> None:
    async with working(bench):
        await eventually(lambda: _kept(bench), seconds=20)

    assert await line(bench) == (YEARLY.next_after(datetime.now(UTC)), None, None)


async def _kept(bench: Bench) -> bool:
    return await bench.rows(LINE) != []


class Clock:
    """A clock that several processes look at, and a test sets."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set(SUMMER)

    def set(self, at: datetime) -> None:
        other = self.path.with_suffix(".new")
        other.write_text(at.isoformat())
        other.rename(self.path)


@asynccontextmanager
async def starting(bench: Bench, clock: Clock) -> AsyncIterator[list[Process]]:
    """Processes that start what is due, each of which begins again when it is killed."""
    url = bench.service.engine.url.render_as_string(hide_password=False)

    async def begin() -> Process:
        said = ("-m", "tests.service.start_ticks", url, bench.service.key, str(clock.path))
        return await asyncio.create_subprocess_exec(*with_its_parent(), sys.executable, *said)

    async def keep(place: int) -> None:
        while True:
            await processes[place].wait()
            processes[place] = await begin()

    processes = [await begin() for _ in range(PROCESSES)]
    keeping = [asyncio.ensure_future(keep(place)) for place in range(PROCESSES)]
    try:
        yield processes
    finally:
        for each in keeping:
            each.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def test_each_tick_is_started_once_by_many_that_are_killed_meanwhile(bench: Bench, tmp_path: Path) -> None:
    random, clock, at, seen = Random(5), Clock(tmp_path / "clock"), SUMMER, set()
    await keep_timetable(bench.service, now=SUMMER)
    async with starting(bench, clock) as processes:
        for number in range(TICKS):
            at = YEARLY.next_after(at)
            clock.set(at)
            if number % TICKS_A_KILL == 0:
                victim = random.choice(processes)
                await asyncio.sleep(random.uniform(0, LATEST_KILL_SECONDS))  # it may be anywhere in its transaction
                if victim.returncode is None:
                    victim.kill()
            seen.add(await _tick_started(bench, at))

    assert len(seen) == TICKS
    assert {row[0] for row in await bench.rows("select id from executions")} == seen


async def _tick_started(bench: Bench, at: datetime) -> object:
    """The execution that was started for this tick."""
    async with asyncio.timeout(60):
        while (found := await line(bench))[1] != at:
            await asyncio.sleep(0.005)
    return found[2]
