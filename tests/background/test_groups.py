"""Chains and groups."""

import pytest

from ports.background import OutputNotTaken
from tests.background.engine import Engine
from tests.background.features import Feature, feature


@feature(Feature.CHAIN)
async def test_one_is_run_after_another_with_its_output(engine: Engine) -> None:
    first = await engine.submit("give", {"number": 5})
    second = await engine.submit("add_up", {}, follows=[first], output_as="numbers")
    third = await engine.submit("add_up", {}, follows=[second], output_as="numbers")

    await engine.settle()

    assert [(await engine.record(each)).output for each in (first, second, third)] == [5, 6, 7]


@feature(Feature.CHAIN)
async def test_what_follows_a_failure_is_rejected_to_the_end_of_the_chain(engine: Engine) -> None:
    first = await engine.submit("give", {"number": -1})
    second = await engine.submit("add_up", {}, follows=[first], output_as="numbers")
    third = await engine.submit("give", {"number": 1}, follows=[second])

    await engine.settle()

    assert await engine.states(first, second, third) == ["failed", "rejected", "rejected"]
    problems = [(await engine.record(each)).problem or {} for each in (second, third)]
    assert [each["code"] for each in problems] == ["predecessor_failed"] * 2
    assert [each["predecessor"] for each in problems] == [str(first), str(second)]


@feature(Feature.CHAIN)
async def test_an_output_that_does_not_fit_is_rejected(engine: Engine) -> None:
    first = await engine.submit("come_later")
    second = await engine.submit("add_up", {}, follows=[first], output_as="numbers")

    await engine.settle()

    row = await engine.record(second)
    assert (row.state, (row.problem or {})["code"]) == ("rejected", "invalid_arguments")


@feature(Feature.CHAIN)
async def test_an_output_can_be_taken_by_an_argument_only(engine: Engine) -> None:
    first = await engine.submit("give", {"number": 5})

    with pytest.raises(OutputNotTaken):
        await engine.submit("give", {}, follows=[first], output_as="numbers")


@feature(Feature.GROUP)
async def test_many_are_run_and_one_when_all_of_them_are_done(engine: Engine) -> None:
    members = [await engine.submit("give", {"number": n}) for n in range(5)]
    last = await engine.submit("give", {"number": 5}, delay=60)
    total = await engine.submit("add_up", {}, follows=[*members, last], output_as="numbers")

    await engine.settle()
    row = await engine.record(total)
    assert (row.state, row.progress) == ("queued", {"total": 6, "done": 5})
    await engine.advance(61)
    await engine.settle()

    row = await engine.record(total)
    assert (row.state, row.output, row.arguments) == ("succeeded", 16, {"numbers": [0, 1, 2, 3, 4, 5]})
