"""The composition root: what HTTP, the CLI and the worker each open, once per process and once per call."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Self, get_type_hints

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.files.content import FileLimits
from adapters.files.folder import FolderFileStore
from adapters.http.client import HttpClient
from adapters.http.gateway import HttpGateway
from adapters.jwt.identity import SignedIdentity
from adapters.postgres.bell import Bell
from adapters.postgres.checkpoint import PostgresCheckpoint
from adapters.postgres.directory import PostgresDirectory
from adapters.postgres.history import PostgresHistory
from adapters.postgres.housekeeping import PostgresHousekeeping
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.leftovers import PostgresLeftovers
from adapters.postgres.links import LinkIdentity
from adapters.postgres.outbox import PostgresOutbox
from adapters.postgres.queue import PostgresQueue
from adapters.postgres.repo import PostgresRepo
from adapters.postgres.timetable import PostgresTimetable
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.usage import PostgresUsage
from adapters.postgres.work import PostgresWork
from adapters.postgres.workers import PostgresWorkers
from adapters.pydantic.serializer import PydanticSerializer
from adapters.structlog.logger import bound_log
from adapters.terminal.progress import NoProgress, TerminalProgress
from ports.action import Execution
from ports.actions import Actions
from ports.checkpoint import Checkpoint
from ports.directory import Directory
from ports.files import FileDisposal, FileStore
from ports.gateway import Gateway
from ports.history import History
from ports.housekeeping import Housekeeping, Retention
from ports.identity import Identity
from ports.json_limits import JsonLimits
from ports.ledger import Ledger
from ports.leftovers import Leftovers
from ports.logger import Logger
from ports.outbox import Outbox
from ports.progress import Progress
from ports.queue import Queue
from ports.repo import Repo
from ports.search import SearchIndex
from ports.search_upkeep import SearchUpkeep
from ports.serializer import Serializer
from ports.timetable import Timetable
from ports.unit_of_work import UnitOfWork
from ports.usage import Quota, Usage
from ports.work import Work
from ports.workers import Workers
from service.admission import Admission
from service.background.broker import broker_of
from service.database import Database, check_database, engine_of, opened_database, pruned_by, session_of
from service.introductions import Introductions
from service.keys import signing_key
from service.port import port
from service.registry import Registry
from service.search import SearchEngine, search_engine_of
from service.settings import Settings
from service.watch import Watch

NOTHING: Mapping[str, object] = MappingProxyType({})


class Service:
    """What lives as long as the process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.registry = Registry.found_in(settings.handlers, PORTS)
        limits = session_of(settings)
        self.engine: AsyncEngine = engine_of(
            database.service, pool=settings.database_pool, wait_seconds=settings.max_wait_seconds, session=limits
        )
        self.probe: AsyncEngine = engine_of(database.service, pool=1)  # for health, which waits behind no action
        self.beside: AsyncEngine = engine_of(database.service, pool=3)  # for leases and progress, behind no action
        self.bell = Bell(self.beside)
        self.work: Work = PostgresWork(self.beside, ending=self.engine)
        self.outbox: Outbox = PostgresOutbox(self.beside)
        self.search: SearchEngine = search_engine_of(settings)
        self.watch = Watch(self.beside)
        self.admission = Admission(settings.max_executions, wait_seconds=settings.max_wait_seconds)
        self.json_limits = JsonLimits(max_depth=settings.max_json_depth, max_values=settings.max_json_values)
        self.key = signing_key(settings)
        self.tokens = SignedIdentity(self.key)
        self.identity: Identity = LinkIdentity(self.engine, self.tokens)
        self.introductions = Introductions(self.engine)
        self.quota = Quota(max_assets=settings.max_space_assets, max_bytes=settings.max_space_bytes)
        self.retention = Retention(
            key_hours=settings.idempotency_hours,
            ledger_days=settings.ledger_days,
            history_days=settings.history_days,
        )
        self.files = FolderFileStore(settings.data / "files", FileLimits(max_file_bytes=settings.max_file_bytes))
        self.serializer = PydanticSerializer()
        self.http = HttpClient()

    def instead(self, execution: Execution, outer: "Adapters | None") -> Mapping[str, object]:  # noqa: ARG002 - for others
        """Return the adapters that stand in the place of those below, by port; a service in memory has them all."""
        return NOTHING

    async def close(self) -> None:
        """Let go of every connection."""
        await self.bell.close()
        await self.http.close()
        await self.search.close()
        await self.engine.dispose()
        await self.probe.dispose()
        await self.beside.dispose()


class Adapters:
    """Every port that a handler may require, for one execution; each is made when first asked for.

    Those of a nested execution share the transaction and the limits of the `outer`.
    """

    def __init__(
        self,
        service: Service,
        execution: Execution,
        *,
        outer: Self | None = None,
        deadline: float | None = None,
        dry_run: bool = False,
        replaced: Mapping[str, object] = NOTHING,
    ) -> None:
        self.execution, self._service, self._outer = execution, service, outer
        self.deadline: float | None = outer.deadline if outer else deadline
        self.dry_run: bool = outer.dry_run if outer else dry_run
        vars(self).update(service.instead(execution, outer))
        vars(self).update(replaced)  # what is there already, a `port` does not make

    def until(self, seconds: float) -> float:
        """Return when the execution must have ended, on the loop's clock: so many seconds from now, or earlier."""
        ends = asyncio.get_running_loop().time() + seconds
        self.deadline = ends if self.deadline is None else min(ends, self.deadline)
        return self.deadline

    @port
    def unit_of_work(self) -> UnitOfWork:
        """The transaction."""
        return self._transaction

    @port
    def ledger(self) -> Ledger:
        """The ledger, for the runner alone."""
        return PostgresLedger(self._transaction, key_hours=self._service.settings.idempotency_hours)

    @port
    def queue(self) -> Queue:
        """What is to be run in the background."""
        return PostgresQueue(self._transaction)

    @port
    def work(self) -> Work:
        """The work list, for the runner alone."""
        return self._service.work

    @port
    def work_queue(self) -> Queue:
        """The same for handlers, whose `queue` is a policy."""
        return self.queue

    @port
    def workers(self) -> Workers:
        """The workers there are."""
        return PostgresWorkers(self._transaction)

    @port
    def repo(self) -> Repo:
        """The repository, whose changes are this execution's."""
        return PostgresRepo(self._transaction, self.execution.id)

    @port
    def checkpoint(self) -> Checkpoint:
        """The checkpoint, whose grants are confirmed once, at the end of the outermost execution."""
        if self._outer:
            return self._outer.checkpoint
        return PostgresCheckpoint(self._transaction, self.execution.caller.actor)

    @port
    def history(self) -> History:
        """What happened, as far as it is on record."""
        return PostgresHistory(self._transaction)

    @port
    def usage(self) -> Usage:
        """What spaces, kits and tags hold, counted once, at the end of the outermost execution."""
        return PostgresUsage(self._transaction, self._service.quota)

    @port
    def directory(self) -> Directory:
        """Who the actors are."""
        return PostgresDirectory(self._transaction)

    @port
    def search(self) -> SearchIndex:
        """What is found by words, as far as the caller may see it."""
        return self._service.search.index(self._transaction, self.execution.caller.actor)

    @port
    def leftovers(self) -> Leftovers:
        """What was uploaded and is used by nothing."""
        return PostgresLeftovers(self._transaction)

    @port
    def housekeeping(self) -> Housekeeping:
        """What has had its time."""
        return PostgresHousekeeping(self._transaction, self._service.retention)

    @port
    def search_upkeep(self) -> SearchUpkeep:
        """What keeps the search index true."""
        return self._service.search.upkeep(self._transaction, self._service.beside)

    @port
    def timetable(self) -> Timetable:
        """When scheduled actions run."""
        return PostgresTimetable(self._transaction, self._service.registry.scheduled)

    @port
    def files(self) -> FileStore:
        """The file store."""
        return self._service.files

    @port
    def disposal(self) -> FileDisposal:
        """The way out of the file store."""
        return self._service.files

    @port
    def gateway(self) -> Gateway:
        """Other services, by the connections of the process, within the deadline and the trace of the execution."""
        hosts = self._service.settings.gateway_hosts.split(",")
        trace_id = self.execution.trace_id
        return HttpGateway(self._service.http, hosts=hosts, trace_id=trace_id, deadline=self.deadline)

    @port
    def logger(self) -> Logger:
        """The log, whose records carry the execution's id."""
        return bound_log(execution_id=self.execution.id, trace_id=self.execution.trace_id)

    @port
    def serializer(self) -> Serializer:
        """The serializer."""
        return self._service.serializer

    @port
    def progress(self) -> Progress:
        """Progress, drawn on the terminal of who works at one."""
        return TerminalProgress() if self.execution.caller.entry_point == "cli" else NoProgress()

    @port
    def actions(self) -> Actions:
        """Other actions: the runner puts itself here."""
        raise NotImplementedError

    @port
    def _transaction(self) -> PostgresUnitOfWork:
        if self._outer:
            return self._outer._transaction  # noqa: SLF001 - its own class
        return PostgresUnitOfWork(self._service.engine, bell=self._service.bell)


PORTS: Mapping[str, Any] = {
    name: get_type_hints(made.make)["return"]
    for name, made in vars(Adapters).items()
    if isinstance(made, port) and name not in ("unit_of_work", "ledger", "queue", "work", "_transaction")
}


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Service]:
    """Yield the service, its database ready. Raise `Misconfigured` or `ContractBroken`, each with the mend."""
    Registry.found_in(settings.handlers, PORTS)  # a mistake in a handler is said before a database is started for it
    broker_of(settings)
    await search_engine_of(settings).close()
    async with opened_database(settings) as database:
        service = Service(settings, database)
        try:
            await check_database(service.engine, pruned=pruned_by(settings))
            yield service
        finally:
            await service.close()
