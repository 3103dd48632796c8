"""The engines, and what came of each feature on each of them."""

from collections.abc import AsyncIterator, Callable, Generator
from functools import partial

import pytest

from service.composition import Service
from service.database import Database
from service.settings import Settings
from tests.adapters.conftest import EMPTY
from tests.adapters.storage import MemoryStorage, PostgresStorage, Storage
from tests.background.celery_engine import WHY_NOT, broker, working_by_celery
from tests.background.engine import SPACE_ID, Engine, working_in_process
from tests.background.found import FOUND, take_down
from tests.background.memory_service import MemoryService
from tests.background.table import ENGINES
from tests.brokers import Broker
from tests.conftest import TEMPLATE, Cluster


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "feature(row): a row of the table in docs/engines.md")
    config.stash[FOUND] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    take_down(item, report)
    return report


@pytest.fixture(scope="session")
async def emptied(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.empty_database(template=TEMPLATE) as database:
        yield database


@pytest.fixture(scope="session")
async def celery_broker() -> AsyncIterator[Broker | None]:
    async with broker() as started:
        yield started


@pytest.fixture(params=ENGINES)
async def engine(
    request: pytest.FixtureRequest,
    settings: Settings,
    cluster: Cluster,
    emptied: Database,
    celery_broker: Broker | None,
) -> AsyncIterator[Engine]:
    name = request.param
    if name == "celery" and WHY_NOT:
        pytest.skip(WHY_NOT)
    probing = settings.model_copy(
        update={"handlers": "tests.background.probes", "lease_seconds": 5.0, "shutdown_seconds": 0}
    )
    if name == "memory":
        storage: Storage = (kept := MemoryStorage())
        opened: Callable[[Settings], Service] = partial(MemoryService, store=kept.store)
        service = opened(probing)
    else:
        await cluster.run(*EMPTY, database=str(emptied.service.database))
        opened = partial(Service, database=emptied)
        service = opened(probing)
        storage = PostgresStorage(service.engine)
    working = working_in_process(opened)
    if name == "celery" and celery_broker is not None:
        working = working_by_celery(opened, celery_broker)
    made = Engine(name=name, service=service, storage=storage, working=working)
    await made.runner().execute("found_space", {"space_id": SPACE_ID})
    yield made
    await service.close()
