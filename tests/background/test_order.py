"""Which is run when, and by whom."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.background.engine import Engine
from tests.background.features import Feature, feature


async def in_order(engine: Engine, *ids: UUID) -> list[UUID]:
    """Return them in the order in which they were begun."""
    began = {each: (await engine.record(each)).started_at for each in ids}
    assert None not in began.values()
    return sorted(ids, key=lambda each: str(began[each]))


@feature(Feature.DELAY)
async def test_it_is_not_run_before_its_delay(engine: Engine) -> None:
    queued = await engine.note("Red", delay=30)

    await engine.settle()
    assert (await engine.record(queued)).attempt == 0
    await engine.advance(31)
    await engine.settle()

    assert await engine.states(queued) == ["succeeded"]


@feature(Feature.AT)
async def test_it_is_not_run_before_its_time(engine: Engine) -> None:
    queued = await engine.note("Red", at=datetime.now(UTC) + timedelta(hours=1))

    await engine.advance(3500)
    await engine.settle()
    assert (await engine.record(queued)).attempt == 0
    await engine.advance(101)
    await engine.settle()

    assert await engine.states(queued) == ["succeeded"]


@feature(Feature.PRIORITY)
async def test_those_of_a_higher_priority_are_run_first(engine: Engine) -> None:
    low, usual = await engine.submit("give", priority=-1), await engine.submit("give")
    high, of_handler = await engine.submit("give", priority=9), await engine.submit("report_slowly")
    lowered = await engine.submit("report_slowly", priority=-2)

    await engine.settle(worker_executions=1)

    expected = [high, of_handler, usual, low, lowered]
    assert await in_order(engine, *expected) == expected


@feature(Feature.QUEUES)
async def test_a_worker_takes_what_is_of_its_queues(engine: Engine) -> None:
    report, usual = await engine.submit("report_slowly"), await engine.submit("give")

    await engine.settle(but=("give",), worker_queues="reports")
    assert await engine.states(report, usual) == ["succeeded", "queued"]
    await engine.settle(worker_queues="reports, default")

    assert await engine.states(usual) == ["succeeded"]
