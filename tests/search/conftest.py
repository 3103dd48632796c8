"""The icons of the demo, loaded once into each engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest
from pydantic import SecretStr

from ports.usage import Quota
from service.composition import Service
from service.settings import Settings, load_settings
from tests.adapters.conftest import opened_storage
from tests.adapters.elastic import elastic_engine
from tests.adapters.searching import Engine, Library
from tests.adapters.storage import MemoryStorage
from tests.background.memory_service import MemoryService
from tests.conftest import KEY, TEMPLATE, Cluster
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
async def icons(
    request: pytest.FixtureRequest, cluster: Cluster, enterable: Path, names: list[Named]
) -> AsyncIterator[Icons]:
    """The library that questions are asked of, and a service that has it."""
    settings = load_settings(data=enterable / f"searched-by-{request.param}", signing_key=SecretStr(KEY))
    async with _opened(request.param, cluster, settings) as (engine, service):
        engine.storage.quota = Quota(max_assets=10_000, max_bytes=1_000_000)
        loaded = Icons(Library(engine), service, names)
        await loaded.load()
        yield loaded
        await service.close()


@asynccontextmanager
async def _opened(name: str, cluster: Cluster, settings: Settings) -> AsyncIterator[tuple[Engine, Service]]:
    if name == "memory":
        kept = MemoryStorage()
        yield Engine(kept), MemoryService(settings, kept.store)
        return
    async with cluster.empty_database(template=TEMPLATE) as database, engine_running() as url:
        async for storage in opened_storage(cluster, database):
            if name == "postgres":
                yield Engine(storage), Service(settings, database)
                return
            async with elastic_engine(storage, url) as engine:
                said = {"search_url": SecretStr(url), "search_index": engine.cluster.name}
                yield engine, Service(settings.model_copy(update=said), database)
