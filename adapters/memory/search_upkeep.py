"""The upkeep of search where what is kept is searched itself."""

from collections.abc import Callable

from ports.search_upkeep import SearchStatus, Verified


class RowsUpkeep:
    """There is no index beside the rows: nothing to build, to compare, or to be behind."""

    async def reindex(self) -> None:
        """See `SearchUpkeep`."""

    async def verify(self, *, repair: bool, report: Callable[[int], None]) -> Verified:  # noqa: ARG002 - for others
        """See `SearchUpkeep`."""
        return Verified(compares=False)

    async def status(self) -> SearchStatus:
        """See `SearchUpkeep`."""
        return SearchStatus(engine="postgres", answers=True)
