from collections.abc import Callable

import pytest

from adapters.memory.search_upkeep import RowsUpkeep
from handlers.verify_search import VerifySearch
from ports.search_upkeep import NoIndex, Verified
from service.testing import Trial


class Comparing(RowsUpkeep):
    """An upkeep that compares, and is told whether to repair."""

    async def verify(self, *, repair: bool, report: Callable[[int], None]) -> Verified:
        report(7)
        return Verified(compared=7, repaired=int(repair))


class Unbuilt(RowsUpkeep):
    """An upkeep without an index."""

    async def verify(self, *, repair: bool, report: Callable[[int], None]) -> Verified:
        raise NoIndex


@pytest.mark.parametrize("repair", [False, True])
async def test_what_was_compared_is_told_and_reported(repair: bool) -> None:  # noqa: FBT001 - the argument
    trial = Trial(search_upkeep=Comparing())

    verified: Verified = await trial.run(VerifySearch, repair=repair)

    assert (verified.compared, verified.repaired, verified.differences) == (7, int(repair), 0)
    assert trial.progress.reports == [(7, None)]


async def test_where_the_rows_are_the_index_nothing_is_compared() -> None:
    assert await Trial().run(VerifySearch) == Verified(compares=False)


async def test_before_an_index_is_built_it_is_a_problem() -> None:
    with pytest.raises(NoIndex):
        await Trial(search_upkeep=Unbuilt()).run(VerifySearch)
