"""Trying handlers out: every port in memory, a fixed clock and caller, and all that came of it to look at."""

from copy import copy
from datetime import UTC, datetime
from random import Random
from typing import Any, Self

from adapters.files.content import FileLimits
from adapters.memory.actions import MemoryActions
from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.directory import MemoryDirectory
from adapters.memory.files import MemoryFileStore
from adapters.memory.gateway import MemoryGateway
from adapters.memory.history import MemoryHistory
from adapters.memory.housekeeping import MemoryHousekeeping
from adapters.memory.leftovers import MemoryLeftovers
from adapters.memory.logger import MemoryLogger
from adapters.memory.progress import MemoryProgress
from adapters.memory.queue import MemoryQueue
from adapters.memory.repo import MemoryRepo
from adapters.memory.store import MemoryStore
from adapters.memory.timetable import MemoryTimetable
from adapters.memory.unit_of_work import MemoryUnitOfWork
from adapters.memory.usage import MemoryUsage
from adapters.pydantic.serializer import PydanticSerializer
from ports.action import ActionHandler, Caller, Execution
from ports.argument import check
from ports.entity import Entity
from ports.housekeeping import Retention
from ports.ledger import Entry
from ports.problem import Problem, Unavailable
from ports.uuid7 import RANDOM_BITS, uuid7
from service.outcome import Outcome
from service.records import validated

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
TESTER = Caller(actor="tester")


async def run(action: ActionHandler) -> Any:
    """Validate and execute, and return the output.

    What it may not do fails as a bug: an output that is not of the declared type, or with AssertionError a problem
    that is neither declared nor one that any action may meet, an `Unavailable`.
    """
    try:
        await action.validate()
        output = await action.execute()
    except Problem as problem:
        if isinstance(problem, (*action.problems, Unavailable)):
            raise
        raise AssertionError(f"{type(action).__name__} does not declare {type(problem).__name__}.") from problem
    Outcome.succeeded(type(action), output)
    return output


class Trial:
    """A service in memory for one caller, at a time that stands still: `Trial(SPACE, KIT)` holds these two.

    `ports` are adapters of your own by name, in the place of those in memory. What handlers logged is in
    `log.records`, what they reported in `progress.reports`.
    """

    def __init__(self, *entities: Entity, caller: Caller = TESTER, at: datetime = NEW_YEAR, **ports: object) -> None:
        self.caller, self.at = caller, at
        self.store, self.log, self.progress = MemoryStore(), MemoryLogger(), MemoryProgress()
        self.repo = MemoryRepo(*entities, store=self.store)
        self._random = Random(0)  # noqa: S311 - the same ids every time
        files = MemoryFileStore(FileLimits())
        self._lasting = {
            "history": MemoryHistory(self.store),
            "files": files,
            "disposal": files,
            "gateway": MemoryGateway(),
            "usage": MemoryUsage(self.store),
            "directory": MemoryDirectory(),
            "leftovers": MemoryLeftovers(self.store),
            "housekeeping": MemoryHousekeeping(self.store, Retention(key_hours=24)),
            "work_queue": MemoryQueue(self.store),
            "timetable": MemoryTimetable(self.store, {}),
            "logger": self.log,
            "progress": self.progress,
            "serializer": PydanticSerializer(),
            "actions": MemoryActions(),
        } | ports

    def by(self, actor: str, *scopes: str) -> Self:
        """Return the same service as another caller has it."""
        other = copy(self)
        other.caller = Caller(actor=actor, scopes=frozenset(scopes or ("*",)))
        return other

    def place(self, **ports: object) -> Self:
        """Put adapters in the place of others: such as are made of this service's own `store`."""
        self._lasting |= ports
        return self

    async def run(self, handler: type[ActionHandler], **arguments: object) -> Any:
        """Run an action as the runner would: its arguments checked, in a transaction, on record; see also `run`.

        A problem is raised, and then nothing was changed.
        """
        checked = check(handler.input_model, arguments)
        execution = Execution(id=uuid7(self.at, self._random.getrandbits(RANDOM_BITS)), caller=self.caller, at=self.at)
        ports = self._ports(execution)
        action = handler(execution=execution, **{port: ports[port] for port in handler.requires}, **vars(checked))
        async with MemoryUnitOfWork(self.store).transaction(readonly=handler.readonly):
            output = await run(action)
            if not handler.readonly:
                await ports["checkpoint"].confirm()
                await ports["usage"].settle()
                self.store.write(_entry(execution, handler, validated(handler, checked), output))
        return output

    def changes(self, kind: type[Entity] = Entity) -> list[tuple[Any, Any]]:
        """Return what actions have done to entities of a kind so far, each as it was before and is after."""
        each = ((change.before, change.after) for change in self.store.changes)
        return [(before, after) for before, after in each if isinstance(after or before, kind)]

    def _ports(self, execution: Execution) -> dict[str, Any]:
        repo = MemoryRepo(store=self.store, execution=execution)
        return {"repo": repo, "checkpoint": MemoryCheckpoint(repo, self.caller.actor)} | self._lasting


def _entry(execution: Execution, handler: type[ActionHandler], arguments: str, output: object) -> Entry:
    body = Outcome.succeeded(handler, output).body.decode()
    return Entry(
        id=execution.id,
        action=handler.__module__.rpartition(".")[2],
        state="succeeded",
        caller=execution.caller,
        space_id=None,
        arguments=arguments,
        output=None if handler.secret_output else body,
        problem=None,
        key=None,
        fingerprint=None,
        parent_id=None,
        trace_id=execution.trace_id,
        submitted_at=execution.at,
        finished_at=execution.at,
    )
