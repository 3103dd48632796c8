"""Attempts: which problems are met again, and what else ends one."""

from uuid import UUID

import pytest

from ports.work import Known
from tests.background.engine import Engine, until
from tests.background.features import Feature, feature

DEAD = UUID(int=666)


async def tried(engine: Engine, *waits: float) -> None:
    """Let it be attempted, and again after each of these seconds."""
    await engine.settle()
    for seconds in waits:
        await engine.advance(seconds)
        await engine.settle()


@feature(Feature.RETRY)
async def test_a_problem_that_may_heal_is_met_again_after_growing_waits(engine: Engine) -> None:
    queued = await engine.note("Red", then="contended")

    await tried(engine)
    assert (await engine.record(queued)).state == "queued"
    await tried(engine, 60)
    assert (await engine.record(queued)).attempt == 1
    await tried(engine, 66)
    assert (await engine.record(queued)).attempt == 2
    await tried(engine, 200)
    assert (await engine.record(queued)).attempt == 2

    row = await engine.record(queued)
    assert (row.state, [each["problem"]["code"] for each in row.failures]) == ("queued", ["contended"] * 2)
    assert await engine.notes() == []


@feature(Feature.USED_UP)
async def test_it_has_failed_when_its_attempts_are_used_up(engine: Engine) -> None:
    queued = await engine.note("Red", then="contended")

    await tried(engine, 130, 380, 400)

    row = await engine.record(queued)
    assert row.problem is not None
    assert (row.state, row.attempt, row.problem["code"]) == ("failed", 3, "contended")
    assert [each["attempt"] for each in row.failures] == [1, 2]
    assert await engine.notes() == []


@feature(Feature.HEALS)
@pytest.mark.parametrize(
    ("then", "state", "code"), [("taken", "rejected", "kit_name_taken"), ("bug", "failed", "internal_error")]
)
async def test_what_cannot_heal_ends_it(engine: Engine, then: str, state: str, code: str) -> None:
    queued = await engine.note("Red", then=then)

    await engine.settle()

    row = await engine.record(queued)
    assert row.problem is not None
    assert (row.state, row.attempt, row.problem["code"], row.failures) == (state, 1, code, [])
    assert row.problem["instance"] == f"/executions/{queued}"
    assert await engine.notes() == []


@feature(Feature.HEALS)
async def test_a_problem_that_the_action_says_will_heal_is_met_again(engine: Engine) -> None:
    queued = await engine.submit("heal_slowly")

    await tried(engine)
    assert (await engine.record(queued)).state == "queued"
    await tried(engine, 13)

    row = await engine.record(queued)
    assert row.problem is not None
    assert (row.state, row.attempt, row.problem["code"]) == ("failed", 2, "kit_name_taken")


@feature(Feature.TIMEOUT)
async def test_an_attempt_that_takes_too_long_is_ended_and_made_again(engine: Engine) -> None:
    queued = await engine.submit("take_long")

    await tried(engine, 13)

    row = await engine.record(queued)
    assert row.problem is not None
    assert (row.state, row.attempt, row.problem["code"]) == ("failed", 2, "timed_out")


async def die(engine: Engine) -> None:
    """Take what is due as a worker that is not heard of again."""
    taken = await engine.storage.work.claim([Known(action="keep_note")], worker=DEAD, lease=5, most=10)
    assert len(taken) == 1
    await engine.advance(6)


@feature(Feature.CRASH)
async def test_what_a_dead_worker_had_is_run_by_another_and_the_attempt_counts(engine: Engine) -> None:
    queued = await engine.note("Red")
    await die(engine)

    await tried(engine)
    await tried(engine, 130)

    row = await engine.record(queued)
    assert (row.state, row.attempt, row.output) == ("succeeded", 2, "Red")
    assert [each["problem"]["code"] for each in row.failures] == ["worker_lost"]
    assert await engine.notes() == ["Red"]


@feature(Feature.CRASH)
async def test_what_kills_every_worker_has_failed_in_the_end(engine: Engine) -> None:
    queued = await engine.note("Red")
    for seconds in (130, 380, 0):
        await die(engine)
        await engine.settle()
        await engine.advance(seconds)

    row = await engine.record(queued)
    assert row.problem is not None
    assert (row.state, row.attempt, row.problem["code"]) == ("failed", 3, "worker_lost")


@feature(Feature.OUTDATED)
async def test_arguments_that_fit_no_longer_end_as_rejected(engine: Engine) -> None:
    queued = await engine.note("Red")
    await engine.storage.age(queued, '{"title": "Red", "name": "Red"}')

    await engine.settle()

    row = await engine.record(queued)
    assert row.problem is not None
    assert (row.state, row.attempt, row.problem["code"]) == ("rejected", 1, "invalid_arguments")
    assert {error["pointer"] for error in row.problem["errors"]} == {"/space_id", "/title"}


@feature(Feature.DRAIN)
async def test_a_worker_that_is_stopped_gives_back_what_it_has(engine: Engine) -> None:
    queued = await engine.note("Red", then="park")
    async with engine.workers():
        await until(lambda: engine.is_parked(queued))

    row = await engine.record(queued)
    assert (row.state, row.attempt, row.claim) == ("queued", 0, 1)
    assert await engine.notes() == []
