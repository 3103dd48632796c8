"""A service in memory: the runner and the worker are the real ones, and nothing is kept anywhere."""

from collections.abc import Mapping

from sqlalchemy import make_url

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.directory import MemoryDirectory
from adapters.memory.history import MemoryHistory
from adapters.memory.ledger import MemoryLedger
from adapters.memory.leftovers import MemoryLeftovers
from adapters.memory.queue import MemoryQueue
from adapters.memory.repo import MemoryRepo
from adapters.memory.search import MemorySearch
from adapters.memory.store import MemoryStore
from adapters.memory.timetable import MemoryTimetable
from adapters.memory.unit_of_work import MemoryUnitOfWork
from adapters.memory.usage import MemoryUsage
from adapters.memory.work import MemoryWork
from adapters.memory.workers import MemoryWorkers
from ports.action import Caller, Execution
from service.composition import Adapters, Service
from service.database import Database
from service.introductions import Introductions
from service.settings import Settings

NOWHERE = Database(make_url("postgresql+asyncpg://nobody@127.0.0.1:1/nothing"), None)


class NoIntroductions(Introductions):
    """There is nobody to be introduced: a row in memory holds its caller."""

    def know(self, caller: Caller) -> bool:
        return True


class MemoryService(Service):
    """A service whose every execution works with the adapters in memory; its engines are never asked."""

    def __init__(self, settings: Settings, store: MemoryStore) -> None:
        super().__init__(settings, NOWHERE)
        self.store, self.work = store, MemoryWork(store)
        self.introductions = NoIntroductions(self.engine)
        self._directory, self._workers = MemoryDirectory(), MemoryWorkers(clock=store.clock)

    def instead(self, execution: Execution, outer: Adapters | None) -> Mapping[str, object]:
        """See `Service`; a nested execution shares the store as its outer one has it."""
        shared = getattr(outer and outer.repo, "store", None)
        store = self.store.beside() if shared is None else shared
        repo = MemoryRepo(store=store, execution=execution)
        return {
            "unit_of_work": MemoryUnitOfWork(store),
            "ledger": MemoryLedger(store),
            "queue": MemoryQueue(store),
            "repo": repo,
            "checkpoint": outer.checkpoint if outer else MemoryCheckpoint(repo, execution.caller.actor),
            "history": MemoryHistory(store),
            "usage": MemoryUsage(store),
            "timetable": MemoryTimetable(store, self.registry.scheduled),
            "leftovers": MemoryLeftovers(store),
            "search": MemorySearch(store, execution.caller.actor),
            "directory": self._directory,
            "workers": self._workers,
        }
