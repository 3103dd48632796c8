"""Doing at once what comes in the same moment."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.postgres.together import Together


class Doing:
    """What was done together; it goes on when it may, and a zero is an error."""

    def __init__(self) -> None:
        self.done: list[Sequence[int]] = []
        self.may = asyncio.Event()
        self.together = Together[int, int](self._do)

    async def _do(self, given: Sequence[int]) -> Sequence[int]:
        self.done.append(given)
        await self.may.wait()
        return [100 // each for each in given]


async def test_what_comes_in_one_moment_is_done_at_once() -> None:
    doing = Doing()
    doing.may.set()

    assert await asyncio.gather(*(doing.together.give(n) for n in (1, 2, 4))) == [100, 50, 25]
    assert doing.done == [[1, 2, 4]]
    assert await doing.together.give(5) == 20


async def test_what_comes_meanwhile_is_done_at_once_after_it() -> None:
    doing = Doing()
    first = asyncio.ensure_future(doing.together.give(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.ensure_future(doing.together.give(n)) for n in (2, 4)]
    await asyncio.sleep(0)
    doing.may.set()

    assert await asyncio.gather(first, *others) == [100, 50, 25]
    assert doing.done == [[1], [2, 4]]


async def test_an_error_is_everybodys_and_not_the_next_ones() -> None:
    doing = Doing()
    doing.may.set()

    answers = await asyncio.gather(*(doing.together.give(n) for n in (1, 0)), return_exceptions=True)

    assert [type(each) for each in answers] == [ZeroDivisionError, ZeroDivisionError]
    assert await doing.together.give(1) == 100


async def test_who_is_cancelled_takes_nobody_along() -> None:
    doing = Doing()
    leaving, staying = (asyncio.ensure_future(doing.together.give(n)) for n in (1, 2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    leaving.cancel()
    doing.may.set()

    assert await staying == 50
    with pytest.raises(asyncio.CancelledError):
        await leaving
