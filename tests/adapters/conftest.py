"""What the suites of ports run on: `database_storage` is each PostgreSQL, `storage` memory and each."""

from collections.abc import AsyncIterator

import pytest

from adapters.postgres.tables import spaces
from ports.usage import Quota
from service.database import Database, engine_of
from tests.adapters.elastic import elastic_engine
from tests.adapters.searching import Engine, Library
from tests.adapters.storage import MemoryStorage, PostgresStorage, Storage
from tests.conftest import BINARIES, TEMPLATE, Cluster
from tests.searching import engine_running

EMPTY = [f"delete from {table.name}" for table in reversed(spaces.metadata.sorted_tables)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if {"storage", "database_storage", "library_of_engine"}.intersection(metafunc.fixturenames):
        metafunc.parametrize("cluster", BINARIES, indirect=True, scope="session")


@pytest.fixture(scope="session")
async def emptied(cluster: Cluster) -> AsyncIterator[Database]:
    """One database for all of them: to empty it takes a hundredth of a second, to clone another a quarter of one."""
    async with cluster.empty_database(template=TEMPLATE) as database:
        yield database


@pytest.fixture(params=["memory", "postgres"])
async def storage(request: pytest.FixtureRequest, cluster: Cluster, emptied: Database) -> AsyncIterator[Storage]:
    if request.param == "memory":
        yield MemoryStorage()
        return
    async for opened in opened_storage(cluster, emptied):
        yield opened


@pytest.fixture
async def database_storage(cluster: Cluster, emptied: Database) -> AsyncIterator[PostgresStorage]:
    async for opened in opened_storage(cluster, emptied):
        yield opened


async def opened_storage(cluster: Cluster, emptied: Database) -> AsyncIterator[PostgresStorage]:
    await cluster.run(*EMPTY, database=str(emptied.service.database))
    engine = engine_of(emptied.service, pool=25)  # for twenty at once, and who looks on
    yield PostgresStorage(engine)
    await engine.dispose()


@pytest.fixture(scope="session")
async def elasticsearch() -> AsyncIterator[str]:
    """The URL of a search engine."""
    async with engine_running() as url:
        yield url


@pytest.fixture(params=["memory", "postgres", "elasticsearch"])
async def library_of_engine(
    request: pytest.FixtureRequest, cluster: Cluster, emptied: Database, elasticsearch: str
) -> AsyncIterator[Library]:
    """A library to search in, by each engine."""
    if request.param == "memory":
        yield _library(Engine(MemoryStorage()))
        return
    async for storage in opened_storage(cluster, emptied):
        if request.param == "postgres":
            yield _library(Engine(storage))
        else:
            async with elastic_engine(storage, elasticsearch) as engine:
                yield _library(engine)


def _library(engine: Engine) -> Library:
    engine.storage.quota = Quota(max_assets=1_000, max_bytes=1_000_000)
    return Library(engine)
