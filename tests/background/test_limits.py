"""How many of an action there are at once."""

from uuid import UUID

from tests.adapters.storage import Row
from tests.background.engine import Engine, until
from tests.background.features import Feature, feature


@feature(Feature.UNIQUE)
async def test_who_asks_for_another_gets_the_one_that_there_is(engine: Engine) -> None:
    first = await engine.submit("wait_alone", {"name": "a", "number": 1})

    assert await engine.submit("wait_alone", {"name": "a", "number": 2}) == first
    other = await engine.submit("wait_alone", {"name": "b", "number": 3})
    assert other != first
    await engine.settle()
    after = await engine.submit("wait_alone", {"name": "a", "number": 4})
    await engine.settle()

    assert [(await engine.record(each)).output for each in (first, other, after)] == [1, 3, 4]


@feature(Feature.UNIQUE_WAITING)
async def test_another_one_may_wait_while_one_runs(engine: Engine) -> None:
    running = await engine.submit("follow_up", {"name": "stay"})
    assert await engine.submit("follow_up", {"name": "stay"}) == running
    async with engine.workers(worker_executions=1):
        await engine.is_running(running)
        waiting = await engine.submit("follow_up", {"name": "stay"})
        assert waiting != running
        assert await engine.submit("follow_up", {"name": "stay"}) == waiting
        await engine.cancel(waiting)
        await engine.cancel(running)
        await engine.is_final(running)


@feature(Feature.CONCURRENCY)
async def test_no_more_run_at_once_than_may_over_all_workers(engine: Engine) -> None:
    queued = [await engine.submit("crowd") for _ in range(12)]

    await engine.settle(3)

    rows = [await engine.record(each) for each in queued]
    assert {row.state for row in rows} == {"succeeded"}
    assert most_at_once(rows) <= 2


@feature(Feature.CONCURRENCY)
async def test_as_many_run_at_once_as_may_and_the_next_when_one_has_ended(engine: Engine) -> None:
    queued = [await engine.submit("crowd", {"stay": True}) for _ in range(3)]

    async with engine.workers(3):
        await until(lambda: _running(engine, queued, 2))
        states = await engine.states(*queued)
        first = queued[states.index("running")]
        last = queued[states.index("queued")]
        await engine.cancel(first)
        await engine.is_running(last)
        assert sorted(await engine.states(*queued)) == ["cancelled", "running", "running"]
        for each in queued:
            await engine.cancel(each)
        await until(lambda: _running(engine, queued, 0))


async def _running(engine: Engine, queued: list[UUID], count: int) -> bool:
    return (await engine.states(*queued)).count("running") == count


def most_at_once(rows: list[Row]) -> int:
    """Return how many of them ran at the same time, at most."""
    steps = [(str(row.started_at), 1) for row in rows] + [(str(row.finished_at), -1) for row in rows]
    running = most = 0
    for _, step in sorted(steps):
        running += step
        most = max(most, running)
    return most
