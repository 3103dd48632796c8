"""The ports that keep things, in memory and in PostgreSQL, seen from outside in the same way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, Protocol
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import from_json, to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.directory import MemoryDirectory
from adapters.memory.history import MemoryHistory
from adapters.memory.housekeeping import MemoryHousekeeping
from adapters.memory.job import Job
from adapters.memory.ledger import MemoryLedger
from adapters.memory.leftovers import MemoryLeftovers
from adapters.memory.queue import MemoryQueue
from adapters.memory.repo import MemoryRepo
from adapters.memory.search import MemorySearch
from adapters.memory.store import Change, MemoryStore
from adapters.memory.timetable import MemoryTimetable
from adapters.memory.unit_of_work import MemoryUnitOfWork
from adapters.memory.usage import MemoryUsage
from adapters.memory.work import MemoryWork
from adapters.postgres.checkpoint import PostgresCheckpoint
from adapters.postgres.directory import PostgresDirectory
from adapters.postgres.history import PostgresHistory
from adapters.postgres.housekeeping import PostgresHousekeeping
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.leftovers import PostgresLeftovers
from adapters.postgres.queue import PostgresQueue
from adapters.postgres.repo import PostgresRepo
from adapters.postgres.search import PostgresSearch
from adapters.postgres.tables import TABLES
from adapters.postgres.timetable import PostgresTimetable
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.usage import PostgresUsage
from adapters.postgres.work import PostgresWork
from ports.action import Caller, Execution
from ports.checkpoint import Checkpoint
from ports.entity import Entity
from ports.history import History
from ports.housekeeping import Housekeeping, Retention
from ports.ledger import Entry, Ledger, State
from ports.leftovers import Leftovers
from ports.queue import Queue
from ports.repo import Repo
from ports.schedule import Schedule
from ports.search import SearchIndex
from ports.timetable import Timetable
from ports.unit_of_work import UnitOfWork
from ports.usage import Quota, Usage
from ports.work import Work

NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUOTA = Quota(max_assets=10, max_bytes=1000)
JOB = """
select state, attempt, claim, priority, arguments::text, output, problem, progress::text, failures::text, unique_key,
    space_id, started_at, finished_at, retry_of from executions where id = $1
"""
BUSY = """
select 1 from executions where state = 'running'
    or (state = 'queued' and waits_for = 0 and run_at <= clock_timestamp() and action <> all($1))
"""
ADVANCE = """
update executions set run_at = run_at - $1::interval, lease_until = lease_until - $1::interval
where state in ('queued', 'running')
"""
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
    queue: Queue
    search: SearchIndex
    at: datetime = NOW


@dataclass(frozen=True, kw_only=True)
class Row:
    """An execution in the background as it is kept; its texts are read."""

    state: State
    attempt: int
    claim: int
    priority: int
    arguments: dict[str, Any]
    output: Any
    problem: dict[str, Any] | None
    progress: dict[str, Any] | None
    failures: list[dict[str, Any]]
    unique_key: str | None
    space_id: UUID | None
    started_at: datetime | None
    finished_at: datetime | None
    retry_of: UUID | None

    @property
    def finished(self) -> bool:
        return self.finished_at is not None


class Storage(Protocol):
    """What is kept, and the transactions that change it; those entered at the same time are apart."""

    quota: Quota

    @property
    def work(self) -> Work: ...
    def transaction(self, actor: str = ..., *, readonly: bool = ...) -> AbstractAsyncContextManager[Ports]: ...
    async def changes(self) -> list[Change]: ...
    async def executions(self) -> list[UUID]: ...
    async def job(self, id: UUID) -> Row: ...
    async def busy(self, *, but: Collection[str] = ...) -> bool: ...
    async def age(self, id: UUID, arguments: str) -> None: ...
    async def advance(self, seconds: float) -> None: ...
    async def one_waits_for_a_lock(self) -> None: ...


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
        self._ahead, self.quota = timedelta(), QUOTA
        self.store = MemoryStore(clock=lambda: datetime.now(UTC) + self._ahead)
        self._numbers, self._directory, self.work = count(1), MemoryDirectory(), MemoryWork(self.store)

    @asynccontextmanager
    async def transaction(self, actor: str = "tester", *, readonly: bool = False) -> AsyncIterator[Ports]:
        store, execution = self.store.beside(), UUID(int=next(self._numbers))
        repo = MemoryRepo(store=store, execution=Execution(id=execution))
        checkpoint = MemoryCheckpoint(repo, actor)
        ports = Ports(
            execution_id=execution,
            unit=MemoryUnitOfWork(store),
            repo=repo,
            ledger=MemoryLedger(store),
            checkpoint=checkpoint,
            history=MemoryHistory(store),
            usage=MemoryUsage(store, self.quota),
            directory=self._directory,
            leftovers=MemoryLeftovers(store),
            housekeeping=partial(MemoryHousekeeping, store),
            timetable=partial(MemoryTimetable, store),
            queue=MemoryQueue(store),
            search=MemorySearch(store, actor),
        )
        async with recorded(ports, readonly=readonly):
            yield ports

    async def changes(self) -> list[Change]:
        return [*self.store.changes]

    async def executions(self) -> list[UUID]:
        return [entry.id for entry in self.store.entries]

    async def job(self, id: UUID) -> Row:
        job = self.store.entry(id)
        assert isinstance(job, Job)
        return _row(vars(job) | {"retry_of": job.later and job.later.retry_of})

    async def age(self, id: UUID, arguments: str) -> None:
        """Have an execution's arguments be those of another version of its action."""
        entry = self.store.entry(id)
        assert entry is not None
        self.store.rewrite(entry, replace(entry, arguments=arguments))

    async def busy(self, *, but: Collection[str] = ()) -> bool:
        """Tell whether something runs or is due, leaving out actions that nobody is to run."""
        jobs = (entry for entry in self.store.entries if isinstance(entry, Job))
        now = self.store.clock()
        return any(
            job.state == "running" or (job.is_ready and job.run_at <= now and job.action not in but) for job in jobs
        )

    async def advance(self, seconds: float) -> None:
        """Let that much time pass."""
        self._ahead += timedelta(seconds=seconds)

    async def one_waits_for_a_lock(self) -> None:
        while not any(event._waiters for event in self.store.locks._freed.values()):
            await asyncio.sleep(0)


class PostgresStorage:
    """Everything in a database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self._numbers, self.work = engine, count(1), PostgresWork(engine)
        self.quota = QUOTA

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
            usage=PostgresUsage(unit, self.quota),
            directory=PostgresDirectory(unit),
            leftovers=PostgresLeftovers(unit),
            housekeeping=partial(PostgresHousekeeping, unit),
            timetable=partial(PostgresTimetable, unit),
            queue=PostgresQueue(unit),
            search=PostgresSearch(unit, actor),
        )
        async with recorded(ports, readonly=readonly):
            yield ports

    async def changes(self) -> list[Change]:
        rows = await self.rows("select execution_id, entity_kind, before::text, after::text from changes order by id")
        return [Change(execution_id=row[0], before=_entity(*row[1:3]), after=_entity(row[1], row[3])) for row in rows]

    async def executions(self) -> list[UUID]:
        return [row[0] for row in await self.rows("select id from executions order by id")]

    async def job(self, id: UUID) -> Row:
        """Return the row as it is committed."""
        async with (unit := PostgresUnitOfWork(self.engine)).transaction():
            return _row(dict(await (await unit.driver()).fetchrow(JOB, id)))

    async def age(self, id: UUID, arguments: str) -> None:
        """Have an execution's arguments be those of another version of its action."""
        async with (unit := PostgresUnitOfWork(self.engine)).transaction():
            await (await unit.driver()).execute("update executions set arguments = $2 where id = $1", id, arguments)

    async def busy(self, *, but: Collection[str] = ()) -> bool:
        """Tell whether something runs or is due, leaving out actions that nobody is to run."""
        return bool(await self.rows(BUSY, [*but]))

    async def advance(self, seconds: float) -> None:
        """Let that much time pass for what is queued or running: the server's clock cannot be set."""
        async with (unit := PostgresUnitOfWork(self.engine)).transaction():
            await (await unit.driver()).execute(ADVANCE, timedelta(seconds=seconds))

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


def _row(columns: dict[str, Any]) -> Row:
    read: dict[str, Any] = {
        name: from_json(columns[name]) if columns[name] else None
        for name in ("arguments", "output", "problem", "progress")
    }
    failures = columns["failures"]
    told = from_json(failures) if isinstance(failures, str) else to_jsonable_python(failures or ())
    return Row(**{name: columns[name] for name in Row.__dataclass_fields__} | read | {"failures": [*told]})


def _entity(kind: str, text: str | None) -> Entity | None:
    return TypeAdapter(KINDS[kind]).validate_json(text) if text else None
