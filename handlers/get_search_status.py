"""Say how the search index is."""

from ports.action import ActionHandler
from ports.search_upkeep import SearchStatus, SearchUpkeep


class GetSearchStatus(ActionHandler, permission="index.read", readonly=True, operator=True):
    """Say which engine searches, whether it answers, and how far each of its indexes is behind what was written."""

    search_upkeep: SearchUpkeep

    async def execute(self) -> SearchStatus:
        return await self.search_upkeep.status()
