"""Trying handlers out: every port in memory, a fixed clock and caller, and all that came of it to look at."""

from copy import copy
from datetime import UTC, datetime
from random import Random
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_json

from adapters.files.content import FileLimits
from adapters.memory.actions import Enqueued, MemoryActions
from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.directory import MemoryDirectory
from adapters.memory.files import MemoryFileStore
from adapters.memory.gateway import MemoryGateway
from adapters.memory.history import MemoryHistory
from adapters.memory.housekeeping import MemoryHousekeeping
from adapters.memory.job import Job
from adapters.memory.leftovers import MemoryLeftovers
from adapters.memory.logger import MemoryLogger
from adapters.memory.progress import MemoryProgress
from adapters.memory.queue import MemoryQueue
from adapters.memory.repo import MemoryRepo
from adapters.memory.search import MemorySearch
from adapters.memory.search_upkeep import RowsUpkeep
from adapters.memory.store import MemoryStore
from adapters.memory.timetable import MemoryTimetable
from adapters.memory.unit_of_work import MemoryUnitOfWork
from adapters.memory.usage import MemoryUsage
from adapters.memory.workers import MemoryWorkers
from adapters.pydantic.serializer import PydanticSerializer
from ports.action import ActionHandler, Caller, Execution
from ports.argument import check
from ports.entity import Entity
from ports.housekeeping import Retention
from ports.problem import Problem, Unavailable
from ports.uuid7 import RANDOM_BITS, uuid7
from ports.work import Ending
from service.outcome import Outcome
from service.records import validated
from service.trial_rows import QueueingActions, ended_entry, name_of, shown, waiting

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
    `log.records`, what they reported in `progress.reports`. What they queued is `enqueued`, each with its name, its
    arguments and how it is to be run `later`, and waits for `run_enqueued`.
    """

    def __init__(self, *entities: Entity, caller: Caller = TESTER, at: datetime = NEW_YEAR, **ports: object) -> None:
        self.caller, self.at = caller, at
        self.store, self.log, self.progress = MemoryStore(clock=lambda: self.at), MemoryLogger(), MemoryProgress()
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
            "search_upkeep": RowsUpkeep(),
            "work_queue": MemoryQueue(self.store),
            "timetable": MemoryTimetable(self.store, {}),
            "logger": self.log,
            "progress": self.progress,
            "serializer": PydanticSerializer(),
            "actions": MemoryActions(),
            "workers": MemoryWorkers(),
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
        execution = Execution(id=self._new_id(), caller=self.caller, at=self.at)
        async with MemoryUnitOfWork(self.store).transaction(readonly=handler.readonly):
            output = await self._run(handler, checked, execution)
            if not handler.readonly:
                self.store.write(ended_entry(execution, handler, validated(handler, checked), output))
        return output

    @property
    def enqueued(self) -> list[Enqueued]:
        """What is queued and has not been run, in the order in which a worker would take it."""
        return [shown(job) for job in waiting(self.store)]

    async def run_enqueued(self, *handlers: type[ActionHandler]) -> list[Any]:
        """Run what is queued of these actions, each as a worker would, and return the outputs in that order.

        Time stands still here, so a delay does not count; what one follows does. What is queued meanwhile is left for
        the next time. A problem is raised when it is on record; what its action did is undone.
        """
        named, outputs = {name_of(handler): handler for handler in handlers}, []
        ids = {job.id for job in waiting(self.store)}
        while ready := [job for job in waiting(self.store) if job.id in ids and job.action in named and job.is_ready]:
            outputs.append(await self._attempt(named[ready[0].action], ready[0]))
        return outputs

    async def _attempt(self, handler: type[ActionHandler], job: Job) -> Any:
        claimed = job.claimed(worker=UUID(int=0), now=self.at, lease=0)
        self.store.rewrite(job, claimed)
        unit, queue = MemoryUnitOfWork(self.store), MemoryQueue(self.store)
        execution = Execution(id=job.id, caller=job.caller, at=self.at, trace_id=job.trace_id)
        try:
            async with unit.transaction():
                output = await self._run(handler, check(handler.input_model, job.arguments.encode()), execution)
                text = Outcome.succeeded(handler, output).body.decode()
                await queue.end(job.id, claim=claimed.claim, ending=Ending(state="succeeded", output=text))
        except Problem as problem:
            document = to_json(problem.document(execution_id=job.id)).decode()
            async with unit.transaction():
                await queue.end(job.id, claim=claimed.claim, ending=Ending(state="rejected", problem=document))
            raise
        return output

    async def _run(self, handler: type[ActionHandler], checked: BaseModel, execution: Execution) -> Any:
        ports = self._ports(execution)
        output = await run(
            handler(execution=execution, **{port: ports[port] for port in handler.requires}, **vars(checked))
        )
        if not handler.readonly:
            await ports["checkpoint"].confirm()
            await ports["usage"].settle()
        return output

    def changes(self, kind: type[Entity] = Entity) -> list[tuple[Any, Any]]:
        """Return what actions have done to entities of a kind so far, each as it was before and is after."""
        each = ((change.before, change.after) for change in self.store.changes)
        return [(before, after) for before, after in each if isinstance(after or before, kind)]

    def _ports(self, execution: Execution) -> dict[str, Any]:
        repo = MemoryRepo(store=self.store, execution=execution)
        checkpoint = MemoryCheckpoint(repo, execution.caller.actor)
        made: dict[str, Any] = {
            "repo": repo,
            "checkpoint": checkpoint,
            "queue": MemoryQueue(self.store),
            "search": MemorySearch(self.store, execution.caller.actor),
        } | self._lasting
        actions = QueueingActions(made["actions"], store=self.store, execution=execution, new_id=self._new_id)
        return made | {"actions": actions}

    def _new_id(self) -> UUID:
        return uuid7(self.at, self._random.getrandbits(RANDOM_BITS))
