"""Elasticsearch as a search engine of the service."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.elasticsearch.cluster import Cluster
from adapters.elasticsearch.follower import Follower
from adapters.elasticsearch.index import ElasticsearchIndex
from adapters.elasticsearch.upkeep import ElasticsearchUpkeep
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.logger import Logger
from ports.search import SearchIndex
from ports.search_upkeep import SearchUpkeep


class ElasticsearchEngine:
    """An index on a cluster, which follows the database."""

    def __init__(self, url: str, *, name: str, history_days: int) -> None:
        self._cluster, self._history_days = Cluster(url, name=name), history_days

    def index(self, unit: PostgresUnitOfWork, actor: str) -> SearchIndex:
        """Return the search as an actor has it."""
        return ElasticsearchIndex(unit, self._cluster, actor)

    def upkeep(self, unit: PostgresUnitOfWork, beside: AsyncEngine) -> SearchUpkeep:
        """Return what keeps the index true."""
        return ElasticsearchUpkeep(unit, beside, self._cluster)

    def follower(self, log: Logger) -> Callable[[Any], Follower] | None:
        """Return what makes a follower of a connection."""
        return lambda driver: Follower(self._cluster, driver, log=log, history_days=self._history_days)

    async def close(self) -> None:
        """Let go of its connections."""
        await self._cluster.close()
