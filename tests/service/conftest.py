"""A service whose actions are probes, its log kept in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import text

from adapters.memory.logger import MemoryLogger
from adapters.memory.progress import MemoryProgress
from ports.action import Caller
from ports.library import Space
from service.composition import Service
from service.database import Database
from service.outcome import Outcome
from service.runner import ActionRunner
from service.settings import Settings
from tests.searching import engine_running

ROWS = "select action, state, problem::jsonb ->> 'code', idempotency_key, output, arguments, parent_id from executions"


@dataclass
class Bench:
    """A service under test, and what can be seen of it from outside."""

    service: Service
    log: MemoryLogger
    progress: MemoryProgress
    space_id: UUID

    def runner(self, actor: str = "owner", *scopes: str) -> ActionRunner:
        caller = Caller(actor=actor, scopes=frozenset(scopes or ("*",)))
        return ActionRunner(self.service, caller, replaced={"logger": self.log, "progress": self.progress})

    async def keep(self, name: str, *, then: str = "end", key: str | None = None) -> Outcome:
        sent = {"space_id": self.space_id, "name": name, "then": then}
        return await self.runner().run("keep_kit", sent, key=key)

    async def rows(self, sql: str = ROWS) -> list[tuple[object, ...]]:
        async with self.service.engine.connect() as connection:
            return [
                tuple(row) for row in await connection.execute(text(f"{sql} {'' if 'order' in sql else 'order by 1'}"))
            ]

    async def kits(self) -> list[object]:
        return [name for (name,) in await self.rows("select name from kits order by name")]

    async def states(self) -> list[tuple[object, object, object]]:
        return [(row[0], row[1], row[2]) for row in await self.rows(f"{ROWS} order by id")]


@pytest.fixture
async def bench(settings: Settings, database: Database) -> AsyncIterator[Bench]:
    async with opened_bench(settings, database) as opened:
        yield opened


@asynccontextmanager
async def opened_bench(settings: Settings, database: Database) -> AsyncIterator[Bench]:
    service = Service(settings.model_copy(update={"handlers": "tests.service.probes"}), database)
    async with service.engine.begin() as connection:
        space = Space(id=UUID(int=7), name="Space", created_by="owner")
        await connection.execute(
            text("insert into spaces (id, version, name, created_by) values (:id, 1, :name, 'owner')"),
            {"id": space.id, "name": space.name},
        )
    yield Bench(service, MemoryLogger(), MemoryProgress(), space.id)
    await service.close()


@pytest.fixture(scope="session")
async def engine_url() -> AsyncIterator[str]:
    """The URL of a search engine."""
    async with engine_running() as url:
        yield url
