"""Build the search index anew."""

from dataclasses import dataclass

from ports.action import ActionHandler
from ports.search_upkeep import SearchUpkeep


@dataclass(frozen=True, kw_only=True)
class IndexToBuild:
    """The index that is to be built: none where PostgreSQL searches, since the rows are the index."""

    name: str | None


class ReindexSearch(ActionHandler, permission="index.rebuild", operator=True):
    """Have a new search index built beside the live one, and then put in its place.

    Searches are answered throughout, and what is written meanwhile is found. A worker builds it; `get_search_status`
    says how far it is. One that was being built before is given up.
    """

    search_upkeep: SearchUpkeep

    async def execute(self) -> IndexToBuild:
        return IndexToBuild(name=await self.search_upkeep.reindex())
