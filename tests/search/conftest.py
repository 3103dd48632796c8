"""The icons of the demo, loaded once into each engine."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

from ports.usage import Quota
from tests.adapters.conftest import opened_storage
from tests.adapters.elastic import elastic_engine
from tests.adapters.searching import Engine, Library
from tests.adapters.storage import MemoryStorage
from tests.conftest import TEMPLATE, Cluster
from tests.search.icons import Icons, Named
from tests.searching import engine_running


@pytest.fixture(scope="session")
def names() -> list[Named]:
    """The style and the file name of each."""
    found = find_spec("heroicons")
    assert found is not None
    assert found.origin is not None
    with ZipFile(Path(found.origin).with_name("heroicons.zip")) as archive:
        entries = sorted(archive.namelist())
    return [Named(*entry.split("/")) for entry in entries if not entry.endswith("/")]


@pytest.fixture(scope="session", params=["memory", "postgres", "elasticsearch"])
async def icons(request: pytest.FixtureRequest, cluster: Cluster, names: list[Named]) -> AsyncIterator[Icons]:
    """The library that questions are asked of."""
    async with _engine(request.param, cluster) as engine:
        engine.storage.quota = Quota(max_assets=10_000, max_bytes=1_000_000)
        loaded = Icons(Library(engine), names)
        await loaded.load()
        yield loaded


@asynccontextmanager
async def _engine(name: str, cluster: Cluster) -> AsyncIterator[Engine]:
    if name == "memory":
        yield Engine(MemoryStorage())
        return
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(cluster.empty_database(template=TEMPLATE))
        async for storage in opened_storage(cluster, database):
            if name == "postgres":
                yield Engine(storage)
            else:
                url = await stack.enter_async_context(engine_running())
                async with elastic_engine(storage, url) as engine:
                    yield engine
