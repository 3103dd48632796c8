"""Elasticsearch beside a database: what is committed is followed before anything is looked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.elasticsearch.cluster import Cluster
from adapters.elasticsearch.follower import Follower
from adapters.elasticsearch.index import ElasticsearchIndex
from adapters.memory.logger import MemoryLogger
from adapters.postgres.search_indexes import indexes
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.search import SearchIndex
from tests.adapters.searching import Engine
from tests.adapters.storage import Ports, PostgresStorage


@asynccontextmanager
async def driver_of(engine: AsyncEngine) -> AsyncIterator[Any]:
    """A connection by itself."""
    async with engine.connect() as connection:
        yield (await connection.get_raw_connection()).driver_connection


class ElasticEngine(Engine):
    """An engine that follows when it is told to."""

    storage: PostgresStorage

    def __init__(self, storage: PostgresStorage, cluster: Cluster) -> None:
        super().__init__(storage)
        self.cluster, self.log = cluster, MemoryLogger()

    def index(self, ports: Ports, actor: str) -> SearchIndex:
        assert isinstance(ports.unit, PostgresUnitOfWork)
        return ElasticsearchIndex(ports.unit, self.cluster, actor)

    async def settle(self) -> None:
        async with driver_of(self.storage.engine) as driver:
            follower = Follower(self.cluster, driver, log=self.log)
            while await follower.step():
                pass
            for index in await indexes(driver):
                if index.state != "retired":
                    await self.cluster.refresh(index.name)


@asynccontextmanager
async def elastic_engine(storage: PostgresStorage, url: str) -> AsyncIterator[ElasticEngine]:
    """An engine with indexes of its own, which are gone afterwards."""
    cluster = Cluster(url, name=f"test-{uuid4().hex}")
    engine = ElasticEngine(storage, cluster)
    try:
        yield engine
    finally:
        async with driver_of(storage.engine) as driver:
            for index in await indexes(driver):
                await cluster.remove(index.name)
        await cluster.close()
