"""PostgreSQL as a search engine of the service: the rows are the index."""

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.memory.search_upkeep import RowsUpkeep
from adapters.postgres.search import PostgresSearch
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.logger import Logger
from ports.search import SearchIndex
from ports.search_upkeep import SearchUpkeep


class PostgresEngine:
    """Needs nothing to be followed, built or compared."""

    def index(self, unit: PostgresUnitOfWork, actor: str) -> SearchIndex:
        """Return the search as an actor has it."""
        return PostgresSearch(unit, actor)

    def upkeep(self, unit: PostgresUnitOfWork, beside: AsyncEngine) -> SearchUpkeep:  # noqa: ARG002 - for others
        """Return what there is to say of rows."""
        return RowsUpkeep()

    def follower(self, log: Logger) -> None:
        """Return none."""

    async def close(self) -> None:
        """Do nothing: its connections are the service's."""
