from adapters.memory.search_upkeep import RowsUpkeep
from handlers.reindex_search import IndexToBuild, ReindexSearch
from ports.action import Caller
from service.testing import Trial


class Building(RowsUpkeep):
    """An upkeep that has an index to build."""

    async def reindex(self) -> str | None:  # type: ignore[override] # where there is one
        return "actionbus-2"


async def test_the_index_that_is_to_be_built_is_told() -> None:
    assert await Trial(search_upkeep=Building()).run(ReindexSearch) == IndexToBuild(name="actionbus-2")


async def test_where_the_rows_are_the_index_there_is_none_to_build() -> None:
    assert await Trial().run(ReindexSearch) == IndexToBuild(name=None)


def test_it_is_for_operators() -> None:
    assert not Caller(actor="ada").may(ReindexSearch.permission, operator=ReindexSearch.operator)
