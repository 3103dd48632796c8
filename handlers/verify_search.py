"""Compare the search index with the database."""

from ports.action import ActionHandler, Arg
from ports.progress import Progress
from ports.search import SearchUnavailable
from ports.search_upkeep import NoIndex, SearchUpkeep, Verified


class VerifySearch(
    ActionHandler,
    permission="index.verify",
    problems=(NoIndex, SearchUnavailable),
    idempotent=True,
    operator=True,
    timeout=600.0,
):
    """Compare the search index with the database, document by document.

    What is written meanwhile counts as no difference: it is looked at again once the index has followed that.
    """

    search_upkeep: SearchUpkeep
    progress: Progress

    repair: bool = Arg(default=False, description="Write anew what differs.")

    async def execute(self) -> Verified:
        return await self.search_upkeep.verify(repair=self.repair, report=self.progress.report)
