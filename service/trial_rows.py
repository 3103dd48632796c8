"""The rows that handlers on trial leave; what they queue is one, so that it goes with what queued it."""

from collections.abc import Callable, Mapping
from typing import Any, Unpack
from uuid import UUID

from pydantic_core import from_json, to_json

from adapters.memory.actions import Enqueued
from adapters.memory.job import Job
from adapters.memory.queue import MemoryQueue
from adapters.memory.store import MemoryStore
from ports.action import ActionHandler, Execution
from ports.actions import Actions
from ports.background import Later, Wishes
from ports.ledger import Entry
from service.outcome import Outcome


class QueueingActions:
    """The `actions` of one execution: the answers are those of another, what is to be run later is put in the store."""

    def __init__(
        self, answers: Actions, *, store: MemoryStore, execution: Execution, new_id: Callable[[], UUID]
    ) -> None:
        self._answers, self._store, self._execution, self._new_id = answers, store, execution, new_id

    async def execute(self, name: str, arguments: Mapping[str, object], *, returns: type[Any] = object) -> Any:
        """See `Actions`."""
        return await self._answers.execute(name, arguments, returns=returns)

    async def enqueue(self, name: str, arguments: Mapping[str, object], **wishes: Unpack[Wishes]) -> UUID:
        """See `Actions`. The arguments are checked when it is run."""
        await self._answers.enqueue(name, arguments, **wishes)
        entry = queued_entry(self._new_id(), name, arguments, execution=self._execution, later=Later(**wishes))
        return await MemoryQueue(self._store).put(entry)


def queued_entry(id: UUID, name: str, arguments: Mapping[str, object], *, execution: Execution, later: Later) -> Entry:
    """Return the row of an action that an execution queues."""
    return Entry(
        id=id,
        action=name,
        state="queued",
        caller=execution.caller,
        space_id=None,
        arguments=to_json(arguments).decode(),
        output=None,
        problem=None,
        key=None,
        fingerprint=None,
        parent_id=execution.id,
        trace_id=execution.trace_id,
        submitted_at=execution.at,
        finished_at=None,
        later=later,
    )


def waiting(store: MemoryStore) -> list[Job]:
    """Return what is queued, in the order in which workers take it."""
    jobs = [entry for entry in store.entries if isinstance(entry, Job) and entry.state == "queued"]
    return sorted(jobs, key=lambda job: (-job.priority, job.run_at, job.id))


def shown(job: Job) -> Enqueued:
    """Return what is queued as a test looks at it."""
    return Enqueued(job.id, job.action, from_json(job.arguments), job.later or Later())


def ended_entry(execution: Execution, handler: type[ActionHandler], arguments: str, output: object) -> Entry:
    """Return the row of an action that has succeeded."""
    body = Outcome.succeeded(handler, output).body.decode()
    return Entry(
        id=execution.id,
        action=name_of(handler),
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


def name_of(handler: type[ActionHandler]) -> str:
    """Return the action of a handler."""
    return handler.__module__.rpartition(".")[2]
