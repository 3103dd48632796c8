"""What runs by itself: its ticks lie so far ahead that no worker's clock comes to them."""

import asyncio
from datetime import UTC, datetime

from service.background.scheduling import keep_timetable, start_due
from tests.background.engine import Engine
from tests.background.features import Feature, feature

BEFORE, TICK = datetime(2095, 1, 1, tzinfo=UTC), datetime(2096, 2, 29, 4, 30, tzinfo=UTC)
LONG_AFTER = datetime(2170, 1, 1, tzinfo=UTC)


@feature(Feature.SCHEDULE)
async def test_a_tick_starts_it_once_however_many_look(engine: Engine) -> None:
    await keep_timetable(engine.service, now=BEFORE)
    assert await start_due(engine.service, now=BEFORE) == []

    started = await asyncio.gather(*(start_due(engine.service, now=TICK) for _ in range(5)))
    await engine.settle()

    (queued,) = [each for of_one in started for each in of_one]
    row = await engine.record(queued)
    assert (row.state, row.output) == ("succeeded", "scheduler")


@feature(Feature.SCHEDULE)
async def test_after_a_long_time_it_is_started_once_for_all_that_was_missed(engine: Engine) -> None:
    await keep_timetable(engine.service, now=BEFORE)

    assert len(await start_due(engine.service, now=LONG_AFTER)) == 1
    assert await start_due(engine.service, now=LONG_AFTER) == []
