"""The composition root: what HTTP, the CLI and the worker each open, once per process and once per call."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from types import MappingProxyType, ModuleType
from typing import Any, get_type_hints

from sqlalchemy.ext.asyncio import AsyncEngine

import handlers
from adapters.files.folder import FolderFileStore
from adapters.files.content import FileLimits
from adapters.jwt.identity import SignedIdentity
from adapters.postgres.checkpoint import PostgresCheckpoint
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.repo import PostgresRepo
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.pydantic.serializer import PydanticSerializer
from adapters.structlog.logger import bound_log
from adapters.terminal.progress import NoProgress, TerminalProgress
from ports.action import Execution
from ports.actions import Actions
from ports.checkpoint import Checkpoint
from ports.files import FileStore
from ports.ledger import Ledger
from ports.logger import Logger
from ports.progress import Progress
from ports.repo import Repo
from ports.serializer import Serializer
from ports.unit_of_work import UnitOfWork
from service.database import Database, check_database, engine_of, opened_database
from service.registry import Registry
from service.keys import signing_key
from service.settings import Settings

NOTHING: Mapping[str, object] = MappingProxyType({})


class Service:
    """What lives as long as the process."""

    def __init__(self, settings: Settings, database: Database, *, package: ModuleType = handlers) -> None:
        self.settings = settings
        self.registry = Registry.found_in(package, PORTS)
        self.engine: AsyncEngine = engine_of(database.service, pool=settings.database_pool)
        self.key = signing_key(settings)
        self.identity = SignedIdentity(self.key)
        self.files = FolderFileStore(settings.data / "files", FileLimits(max_file_bytes=settings.max_file_bytes))
        self.serializer = PydanticSerializer()

    def adapters(
        self, execution: Execution, *, outer: "Adapters | None" = None, replaced: Mapping[str, object] = NOTHING
    ) -> "Adapters":
        """Return the adapters of an execution; those of a nested one share the transaction of the `outer`."""
        return Adapters(self, execution, outer, replaced)


class Adapters:
    """Every port that a handler may require, for one execution; each is made when first asked for."""

    def __init__(
        self, service: Service, execution: Execution, outer: "Adapters | None", replaced: Mapping[str, object]
    ) -> None:
        self.execution = execution
        self._service, self._outer = service, outer
        vars(self).update(replaced)  # a cached property gives way to what is there already

    @cached_property
    def unit_of_work(self) -> UnitOfWork:
        """The transaction."""
        return self._transaction

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, for the runner alone."""
        return PostgresLedger(self._transaction)

    @cached_property
    def repo(self) -> Repo:
        """The repository, whose changes are this execution's."""
        return PostgresRepo(self._transaction, self.execution.id)

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint, whose grants are confirmed once, at the end of the outermost execution."""
        if self._outer:
            return self._outer.checkpoint
        return PostgresCheckpoint(self._transaction, self.execution.caller.actor)

    @cached_property
    def files(self) -> FileStore:
        """The file store."""
        return self._service.files

    @cached_property
    def logger(self) -> Logger:
        """The log, whose records carry the execution's id."""
        return bound_log(execution_id=self.execution.id, trace_id=self.execution.trace_id)

    @cached_property
    def serializer(self) -> Serializer:
        """The serializer."""
        return self._service.serializer

    @cached_property
    def progress(self) -> Progress:
        """Progress, drawn on the terminal of who works at one."""
        return TerminalProgress() if self.execution.caller.entry_point == "cli" else NoProgress()

    @cached_property
    def actions(self) -> Actions:
        """Other actions: the runner puts itself here."""
        raise NotImplementedError

    @cached_property
    def _transaction(self) -> PostgresUnitOfWork:
        return self._outer._transaction if self._outer else PostgresUnitOfWork(self._service.engine)  # noqa: SLF001 - its own class


PORTS: Mapping[str, Any] = {
    name: get_type_hints(port.func)["return"]
    for name, port in vars(Adapters).items()
    if isinstance(port, cached_property) and name not in ("unit_of_work", "ledger", "_transaction")
}


@asynccontextmanager
async def open_service(settings: Settings, *, package: ModuleType = handlers) -> AsyncIterator[Service]:
    """Yield the service, its database ready. Raise `Misconfigured` or `ContractBroken`, each with the mend."""
    async with opened_database(settings) as database:
        service = Service(settings, database, package=package)
        try:
            await check_database(service.engine)
            yield service
        finally:
            await service.engine.dispose()
