"""The composition root: what HTTP, the CLI and the worker each open, once per process and once per call."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Generic, Self, TypeVar, get_type_hints, overload

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.files.content import FileLimits
from adapters.files.folder import FolderFileStore
from adapters.jwt.identity import SignedIdentity
from adapters.postgres.checkpoint import PostgresCheckpoint
from adapters.postgres.directory import PostgresDirectory
from adapters.postgres.history import PostgresHistory
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.leftovers import PostgresLeftovers
from adapters.postgres.links import LinkIdentity
from adapters.postgres.repo import PostgresRepo
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.usage import PostgresUsage
from adapters.pydantic.serializer import PydanticSerializer
from adapters.structlog.logger import bound_log
from adapters.terminal.progress import NoProgress, TerminalProgress
from ports.action import Execution
from ports.actions import Actions
from ports.checkpoint import Checkpoint
from ports.directory import Directory
from ports.files import FileStore
from ports.history import History
from ports.identity import Identity
from ports.ledger import Ledger
from ports.leftovers import Leftovers
from ports.logger import Logger
from ports.progress import Progress
from ports.repo import Repo
from ports.serializer import Serializer
from ports.unit_of_work import UnitOfWork
from ports.usage import Quota, Usage
from service.database import Database, check_database, engine_of, opened_database
from service.introductions import Introductions
from service.keys import signing_key
from service.registry import Registry
from service.settings import Settings

T = TypeVar("T")
NOTHING: Mapping[str, object] = MappingProxyType({})


class Service:
    """What lives as long as the process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.registry = Registry.found_in(settings.handlers, PORTS)
        self.engine: AsyncEngine = engine_of(database.service, pool=settings.database_pool)
        self.probe: AsyncEngine = engine_of(database.service, pool=1)  # for health, which waits behind no action
        self.key = signing_key(settings)
        self.tokens = SignedIdentity(self.key)
        self.identity: Identity = LinkIdentity(self.engine, self.tokens)
        self.introductions = Introductions(self.engine)
        self.quota = Quota(max_assets=settings.max_space_assets, max_bytes=settings.max_space_bytes)
        self.files = FolderFileStore(settings.data / "files", FileLimits(max_file_bytes=settings.max_file_bytes))
        self.serializer = PydanticSerializer()

    async def close(self) -> None:
        """Let go of every connection."""
        await self.engine.dispose()
        await self.probe.dispose()

    def adapters(
        self, execution: Execution, *, outer: "Adapters | None" = None, replaced: Mapping[str, object] = NOTHING
    ) -> "Adapters":
        """Return the adapters of an execution; those of a nested one share the transaction of the `outer`."""
        return Adapters(self, execution, outer, replaced)


class port(Generic[T]):  # noqa: N801 - read as the decorator that it is
    """A property made when first asked for: `functools.cached_property` without its lock, for one task alone."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self.make = make

    @overload
    def __get__(self, adapters: None, owner: type) -> Self: ...
    @overload
    def __get__(self, adapters: object, owner: type) -> T: ...
    def __get__(self, adapters: object | None, owner: type) -> Self | T:
        """Make it, and put it where the next look finds it without coming here."""
        if adapters is None:
            return self
        made = vars(adapters)[self.make.__name__] = self.make(adapters)
        return made


class Adapters:
    """Every port that a handler may require, for one execution; each is made when first asked for."""

    def __init__(
        self, service: Service, execution: Execution, outer: "Adapters | None", replaced: Mapping[str, object]
    ) -> None:
        self.execution = execution
        self._service, self._outer = service, outer
        vars(self).update(replaced)  # what is there already, a `port` does not make

    @port
    def unit_of_work(self) -> UnitOfWork:
        """The transaction."""
        return self._transaction

    @port
    def ledger(self) -> Ledger:
        """The ledger, for the runner alone."""
        return PostgresLedger(self._transaction)

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
    def leftovers(self) -> Leftovers:
        """What was uploaded and is used by nothing."""
        return PostgresLeftovers(self._transaction)

    @port
    def files(self) -> FileStore:
        """The file store."""
        return self._service.files

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
        return self._outer._transaction if self._outer else PostgresUnitOfWork(self._service.engine)  # noqa: SLF001 - its own class


PORTS: Mapping[str, Any] = {
    name: get_type_hints(made.make)["return"]
    for name, made in vars(Adapters).items()
    if isinstance(made, port) and name not in ("unit_of_work", "ledger", "_transaction")
}


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Service]:
    """Yield the service, its database ready. Raise `Misconfigured` or `ContractBroken`, each with the mend."""
    Registry.found_in(settings.handlers, PORTS)  # a mistake in a handler is said before a database is started for it
    async with opened_database(settings) as database:
        service = Service(settings, database)
        try:
            await check_database(service.engine)
            yield service
        finally:
            await service.close()
