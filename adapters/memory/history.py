"""History in memory."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_jsonable_python

from adapters.memory.job import Job
from adapters.memory.store import Change, MemoryStore
from ports.attempts import FailedAttempt, ProblemRecord, ProgressRecord
from ports.cursor import cursor_after, id_of
from ports.difference import EntityFields
from ports.entity import Entity
from ports.history import (
    ChangeRecord,
    Excerpt,
    ExecutionRecord,
    ExecutionSummary,
    Fields,
    PendingChange,
    change_of,
    cursor_after_change,
    told,
)
from ports.ledger import Entry, State
from ports.repo import MAX_PAGE, EntityNotFound
from ports.uuid7 import first_of

LAST = UUID(int=2**128 - 1)
UNRETRIED = UUID(int=0)  # no row: who asks for what nobody has repeated holds it


class MemoryHistory:
    """The changes and ledger rows of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def changes_of(
        self, kind: str, id: UUID, /, *, limit: int = MAX_PAGE, cursor: str | None = None
    ) -> Excerpt[ChangeRecord]:
        """See `History`."""
        after = change_of(cursor) if cursor else 0
        entries = {entry.id: entry for entry in self._store.entries}
        found = [
            _change_record(change, entries[change.execution_id])
            for change in self._store.changes
            if (kind, id) in _histories_of(change) and change.execution_id in entries
        ]
        end = after + limit
        return Excerpt(items=found[after:end], next_cursor=cursor_after_change(end) if found[end:] else None)

    async def executions(
        self,
        *,
        space_id: UUID | None = None,
        actor: str | None = None,
        action: str | None = None,
        state: State | None = None,
        queue: str | None = None,
        retry_of: UUID | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        unretried: bool = False,
        limit: int = MAX_PAGE,
        cursor: str | None = None,
    ) -> Excerpt[ExecutionSummary]:
        """See `History`."""
        given = {
            "space_id": space_id, "actor": actor, "action": action, "state": state, "queue": queue,
            "retry_of": retry_of,
        }  # fmt: skip
        equal = {name: value for name, value in given.items() if value is not None}
        first = first_of(since) if since else UUID(int=0)
        before = min(id_of(cursor) if cursor else LAST, first_of(until) if until else LAST)
        if unretried:
            await self._store.lock(UNRETRIED)
        entries = [each for each in self._store.entries if first <= each.id < before]
        records = [self._record(each) for each in entries if not unretried or self._is_unretried(each)]
        found = [_summary(record) for record in records if all(getattr(record, name) == v for name, v in equal.items())]
        found.sort(key=lambda record: record.id, reverse=True)
        items = found[:limit]
        return Excerpt(items=items, next_cursor=cursor_after(items[-1].id) if found[limit:] else None)

    async def pending(self) -> list[PendingChange]:
        """See `History`."""
        return [
            PendingChange(
                kind=_entity_of(change)[0],
                entity_id=_entity_of(change)[1],
                before=_fields(change.before),
                after=_fields(change.after),
            )
            for change in self._store.written
            if isinstance(change, Change)
        ]

    async def execution(self, id: UUID, /) -> ExecutionRecord:
        """See `History`."""
        return self._record(self._entry(id))

    async def arguments_of(self, id: UUID, /) -> Fields:
        """See `History`."""
        arguments: Fields = from_json(self._entry(id).arguments)
        return arguments

    def _entry(self, id: UUID) -> Entry:
        for entry in self._store.entries:
            if entry.id == id:
                return entry
        raise EntityNotFound(kind="execution", id=id)

    def _record(self, entry: Entry) -> ExecutionRecord:
        return ExecutionRecord(
            id=entry.id,
            action=entry.action,
            state=entry.state,
            space_id=entry.space_id or self._space_changed_by(entry.id),
            actor=entry.caller.actor,
            actor_name=entry.caller.name,
            via=entry.caller.via,
            entry_point=entry.caller.entry_point,
            parent_id=entry.parent_id,
            submitted_at=entry.submitted_at,
            finished_at=entry.finished_at,
            problem_code=from_json(entry.problem)["code"] if entry.problem else None,
            trace_id=entry.trace_id,
            arguments=told(from_json(entry.arguments)),
            output=from_json(entry.output) if entry.output else None,
            problem=ProblemRecord.of(from_json(entry.problem)) if entry.problem else None,
            **_attempts(entry),
        )

    def _is_unretried(self, entry: Entry) -> bool:
        retried = {other.later.retry_of for other in self._store.entries if other.later}
        return isinstance(entry, Job) and entry.id not in retried

    def _space_changed_by(self, execution_id: UUID) -> UUID | None:
        spaces = (_space_of(change) for change in self._store.changes if change.execution_id == execution_id)
        return next((space for space in spaces if space), None)


def _attempts(entry: Entry) -> dict[str, Any]:
    """Return what there is to tell of its attempts: of one that was run at once, the only one."""
    job = entry if isinstance(entry, Job) else None
    return {
        "run_at": job.run_at if job else None,
        "started_at": job.started_at if job else entry.submitted_at,
        "attempt": job.attempt if job else 1,
        "failures": [FailedAttempt.of(each) for each in job.failures] if job else [],
        "progress": ProgressRecord(**from_json(job.progress)) if job and job.progress else None,
        "queue": entry.queue,
        "priority": entry.priority,
        "retry_of": entry.later.retry_of if entry.later else None,
        "worker_id": job.worker_id if job else None,
        "cancel_requested": job is not None and job.cancel_requested_at is not None,
    }


def _summary(record: ExecutionRecord) -> ExecutionSummary:
    return ExecutionSummary(**{name: getattr(record, name) for name in ExecutionSummary.__dataclass_fields__})


def _change_record(change: Change, entry: Entry) -> ChangeRecord:
    return ChangeRecord(
        execution_id=entry.id,
        action=entry.action,
        actor=entry.caller.actor,
        actor_name=entry.caller.name,
        kind=_entity_of(change)[0],
        entity_id=_entity_of(change)[1],
        at=entry.submitted_at,
        space_id=_space_of(change),
        before=_fields(change.before),
        after=_fields(change.after),
    )


def _space_of(change: Change) -> UUID | None:
    space: UUID | None = getattr(change.after or change.before, "space_id", None)
    return space


def _entity_of(change: Change) -> tuple[Any, UUID]:
    entity = change.after or change.before
    assert entity is not None  # noqa: S101 - a change is of something
    return type(entity).__name__.lower(), entity.id


def _histories_of(change: Change) -> set[tuple[str, UUID]]:
    entity = change.after or change.before
    if entity is None or entity.part_of is None:
        return {_entity_of(change)}
    return {_entity_of(change), (entity.part_of.removesuffix("_id"), getattr(entity, entity.part_of))}


def _fields(entity: Entity | None) -> EntityFields | None:
    fields: EntityFields | None = to_jsonable_python(entity)
    return fields
