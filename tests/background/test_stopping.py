"""Progress, and cancelling."""

from tests.background.engine import SPACE_ID, Engine, until
from tests.background.features import Feature, feature


@feature(Feature.PROGRESS)
async def test_how_far_it_has_come_is_told_while_it_runs(engine: Engine) -> None:
    queued = await engine.note("Red", then="park")

    async with engine.workers():
        await until(lambda: engine.is_parked(queued))
        row = await engine.record(queued)
        await engine.cancel(queued)
        await engine.is_final(queued)

    assert (row.state, row.progress) == ("running", {"done": 1, "total": 2, "note": "parked"})


@feature(Feature.CANCEL_WAITING)
async def test_what_waits_is_cancelled_at_once(engine: Engine) -> None:
    queued, delayed = await engine.note("Red"), await engine.note("Blue", delay=60)

    assert [await engine.cancel(each) for each in (queued, delayed)] == ["cancelled"] * 2
    await engine.advance(61)
    await engine.settle()

    assert await engine.states(queued, delayed) == ["cancelled"] * 2
    assert await engine.notes() == []
    assert await engine.cancel(queued) == "cancelled"


@feature(Feature.CANCEL_RUNNING)
async def test_what_runs_stops_where_it_awaits_and_leaves_nothing(engine: Engine) -> None:
    queued = await engine.note("Red", then="park")

    async with engine.workers():
        await until(lambda: engine.is_parked(queued))
        assert await engine.cancel(queued) == "running"
        await engine.is_final(queued)

    row = await engine.record(queued)
    assert (row.state, (row.problem or {})["code"], row.attempt) == ("cancelled", "execution_cancelled", 1)
    assert await engine.notes() == []


@feature(Feature.CANCEL_RUNNING)
async def test_what_has_ended_is_not_cancelled_any_more(engine: Engine) -> None:
    queued = await engine.note("Red")
    await engine.settle()

    assert await engine.cancel(queued) == "succeeded"
    assert await engine.notes() == ["Red"]


@feature(Feature.CANCEL_RUNNING)
async def test_what_meets_a_problem_while_it_is_being_cancelled_is_cancelled(engine: Engine) -> None:
    queued = await engine.submit("give_up", {"space_id": SPACE_ID})

    async with engine.workers(lease_seconds=1000.0):
        await until(lambda: engine.is_parked(queued))
        await engine.cancel(queued)
        await engine.is_final(queued)

    row = await engine.record(queued)
    assert (row.state, (row.problem or {})["code"]) == ("cancelled", "execution_cancelled")
