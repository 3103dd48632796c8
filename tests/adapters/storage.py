"""The ports that keep things, in memory and in PostgreSQL, seen from outside in the same way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, Protocol
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.directory import MemoryDirectory
from adapters.memory.history import MemoryHistory
from adapters.memory.housekeeping import MemoryHousekeeping
from adapters.memory.ledger import MemoryLedger
from adapters.memory.leftovers import MemoryLeftovers
from adapters.memory.repo import MemoryRepo
from adapters.memory.store import Change, MemoryStore
from adapters.memory.timetable import MemoryTimetable
from adapters.memory.unit_of_work import MemoryUnitOfWork
from adapters.memory.usage import MemoryUsage
from adapters.postgres.checkpoint import PostgresCheckpoint
from adapters.postgres.directory import PostgresDirectory
from adapters.postgres.history import PostgresHistory
from adapters.postgres.housekeeping import PostgresHousekeeping
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.leftovers import PostgresLeftovers
from adapters.postgres.repo import PostgresRepo
from adapters.postgres.tables import TABLES
from adapters.postgres.timetable import PostgresTimetable
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.usage import PostgresUsage
from ports.action import Caller, Execution
from ports.checkpoint import Checkpoint
from ports.entity import Entity
from ports.history import History
from ports.housekeeping import Housekeeping, Retention
from ports.ledger import Entry, Ledger
from ports.leftovers import Leftovers
from ports.repo import Repo
from ports.schedule import Schedule
from ports.timetable import Timetable
from ports.unit_of_work import UnitOfWork
from ports.usage import Quota, Usage

NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUOTA = Quota(max_assets=10, max_bytes=1000)
KINDS: dict[str, type[Entity]] = {kind.__name__.lower(): kind for kind in TABLES}


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What one execution works with, in one transaction."""

    execution_id: UUID
    unit: UnitOfWork
    repo: Repo
    ledger: Ledger
    checkpoint: Checkpoint
    history: History
    usage: Usage
    directory: MemoryDirectory | PostgresDirectory
    leftovers: Leftovers
    housekeeping: Callable[[Retention], Housekeeping]
    timetable: Callable[[Mapping[str, Schedule]], Timetable]
    at: datetime = NOW


class Storage(Protocol):
    """What is kept, and the transactions that change it; those entered at the same time are apart."""

    def transaction(self, actor: str = ..., *, readonly: bool = ...) -> AbstractAsyncContextManager[Ports]: ...
    async def changes(self) -> list[Change]: ...
    async def executions(self) -> list[UUID]: ...


async def keep(storage: Storage, *entities: Entity) -> UUID:
    """Keep entities, and return the execution that did it."""
    async with storage.transaction("founder") as ports:
        for entity in entities:
            await ports.repo.add(entity)
    return ports.execution_id


async def changes_of(storage: Storage, execution_id: UUID) -> list[tuple[Entity | None, Entity | None]]:
    return [(c.before, c.after) for c in await storage.changes() if c.execution_id == execution_id]


def entry_of(execution_id: UUID, actor: str = "tester", *, key: str | None = None) -> Entry:
    return Entry(
        id=execution_id,
        action="create_kit",
        state="succeeded",
        caller=Caller(actor=actor),
        space_id=None,
        arguments='{"name": "Red"}',
        output='{"name":  "Red"}',
        problem=None,
        key=key,
        fingerprint=b"fingerprint" if key else None,
        parent_id=None,
        trace_id="trace",
        submitted_at=NOW,
        finished_at=NOW,
    )


class MemoryStorage:
    """Everything in one process."""

    def __init__(self) -> None:
        self._store, self._numbers, self._directory = MemoryStore(), count(1), MemoryDirectory()

    @asynccontextmanager
    async def transaction(self, actor: str = "tester", *, readonly: bool = False) -> AsyncIterator[Ports]:
        store, execution = self._store.beside(), UUID(int=next(self._numbers))
        repo = MemoryRepo(store=store, execution=Execution(id=execution))
        checkpoint = MemoryCheckpoint(repo, actor)
        ports = Ports(
            execution_id=execution,
            unit=MemoryUnitOfWork(store),
            repo=repo,
            ledger=MemoryLedger(store),
            checkpoint=checkpoint,
            history=MemoryHistory(store),
            usage=MemoryUsage(store, QUOTA),
            directory=self._directory,
            leftovers=MemoryLeftovers(store),
            housekeeping=partial(MemoryHousekeeping, store),
            timetable=partial(MemoryTimetable, store),
        )
        async with recorded(ports, readonly=readonly):
            yield ports

    async def changes(self) -> list[Change]:
        return [*self._store.changes]

    async def executions(self) -> list[UUID]:
        return [entry.id for entry in self._store.entries]


class PostgresStorage:
    """Everything in a database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self._numbers = engine, count(1)

    @asynccontextmanager
    async def transaction(self, actor: str = "tester", *, readonly: bool = False) -> AsyncIterator[Ports]:
        unit, execution = PostgresUnitOfWork(self.engine), UUID(int=next(self._numbers))
        repo, checkpoint = PostgresRepo(unit, execution), PostgresCheckpoint(unit, actor)
        ports = Ports(
            execution_id=execution,
            unit=unit,
            repo=repo,
            ledger=PostgresLedger(unit, key_hours=1_000_000),  # the rows are of another year
            checkpoint=checkpoint,
            history=PostgresHistory(unit),
            usage=PostgresUsage(unit, QUOTA),
            directory=PostgresDirectory(unit),
            leftovers=PostgresLeftovers(unit),
            housekeeping=partial(PostgresHousekeeping, unit),
            timetable=partial(PostgresTimetable, unit),
        )
        async with recorded(ports, readonly=readonly):
            yield ports

    async def changes(self) -> list[Change]:
        rows = await self.rows("select execution_id, entity_kind, before::text, after::text from changes order by id")
        return [Change(execution_id=row[0], before=_entity(*row[1:3]), after=_entity(row[1], row[3])) for row in rows]

    async def executions(self) -> list[UUID]:
        return [row[0] for row in await self.rows("select id from executions order by id")]

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        unit = PostgresUnitOfWork(self.engine)
        async with unit.transaction(readonly=True):
            return [tuple(row) for row in await (await unit.driver()).fetch(sql, *values)]

    async def one_waits_for_a_lock(self) -> None:
        async with asyncio.timeout(5):
            while True:
                if await self.rows("select pid from pg_locks where not granted"):
                    return
                await asyncio.sleep(0.005)


@asynccontextmanager
async def recorded(ports: Ports, *, readonly: bool) -> AsyncIterator[None]:
    """Open the transaction, and end it with the row that its changes belong to: so it must be usable until then."""
    async with ports.unit.transaction(readonly=readonly):
        yield
        if not readonly:
            await ports.usage.settle()
            await ports.ledger.write(entry_of(ports.execution_id))


def _entity(kind: str, text: str | None) -> Entity | None:
    return TypeAdapter(KINDS[kind]).validate_json(text) if text else None
