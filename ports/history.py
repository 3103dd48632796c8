"""History: what happened, read from the ledger and the changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar
from uuid import UUID

from pydantic import JsonValue
from pydantic_core import to_json

from ports.action import EntryPoint
from ports.attempts import FailedAttempt, ProblemRecord, ProgressRecord
from ports.cursor import InvalidCursor, cursor_after, id_of
from ports.difference import EntityFields, FieldValue
from ports.ledger import State
from ports.repo import MAX_PAGE
from ports.storable import MAX_INT

R = TypeVar("R")
Fields = dict[str, JsonValue]
EntityKind = Literal[
    "space", "member", "kit", "section", "asset", "tag", "tagging", "invitation", "share",
]  # fmt: skip

READ_ALL = "execution.read_all"
SECRET_FIELDS = frozenset({"token_hash"})
MASK = "[secret]"


@dataclass(frozen=True, kw_only=True)
class Excerpt(Generic[R]):
    """Some of a list, and where it goes on: no `next_cursor` is the end."""

    items: list[R]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ChangeRecord:
    """What an action did to an entity: null before is an addition, null after a removal.

    In the history of a thing, `kind` and `entity_id` name it, or a part of it that was changed.
    """

    execution_id: UUID
    action: str
    actor: str
    actor_name: str | None
    kind: EntityKind
    entity_id: UUID
    at: datetime
    space_id: UUID | None
    before: EntityFields | None
    after: EntityFields | None


@dataclass(frozen=True, kw_only=True)
class PendingChange:
    """What an execution has done to an entity, not yet committed: null before is an addition, null after a removal."""

    kind: str
    entity_id: UUID
    before: EntityFields | None
    after: EntityFields | None


@dataclass(frozen=True, kw_only=True)
class ExecutionSummary:
    """An execution at a glance; `problem_code` says why it did not succeed."""

    id: UUID
    action: str
    state: State
    space_id: UUID | None
    actor: str
    actor_name: str | None
    via: str | None
    entry_point: EntryPoint
    parent_id: UUID | None
    submitted_at: datetime
    finished_at: datetime | None
    problem_code: str | None


@dataclass(frozen=True, kw_only=True)
class ExecutionRecord(ExecutionSummary):
    """All that the ledger tells of an execution; what is secret is not in it, and a secret output is null.

    Arguments are as they were checked; what lies deeper than in a list is told as JSON text. In the background, it is
    not run before `run_at`; elsewhere that is null. `failures` are the attempts before the present one.
    """

    trace_id: str
    arguments: dict[str, FieldValue | list[FieldValue]]
    output: JsonValue
    problem: ProblemRecord | None
    run_at: datetime | None
    started_at: datetime | None
    attempt: int
    failures: list[FailedAttempt]
    progress: ProgressRecord | None
    queue: str
    priority: int
    retry_of: UUID | None
    worker_id: UUID | None
    cancel_requested: bool


class History(Protocol):
    """What executions that are on record did, for reading alone. It knows nothing of permissions or secrets."""

    async def changes_of(
        self, kind: str, id: UUID, /, *, limit: int = MAX_PAGE, cursor: str | None = None
    ) -> Excerpt[ChangeRecord]:
        """Return the changes of an entity and of its parts, oldest first, also of one that is gone.

        Raise `InvalidCursor`.
        """
        ...

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
        """Return the executions of which all that is given is true, newest first. Raise `InvalidCursor`.

        They were submitted `since` that millisecond and before `until`. With `unretried`, they are those in the
        background that no other one repeats, and nobody else is told any until this transaction ends.
        """
        ...

    async def pending(self) -> list[PendingChange]:
        """Return what this transaction has changed so far, in its order."""
        ...

    async def execution(self, id: UUID, /) -> ExecutionRecord:
        """Return it, or raise `EntityNotFound`."""
        ...

    async def arguments_of(self, id: UUID, /) -> Fields:
        """Return the arguments of an execution as they were checked, or raise `EntityNotFound`."""
        ...


def told(arguments: Mapping[str, JsonValue]) -> dict[str, FieldValue | list[FieldValue]]:
    """Return arguments as a record tells them."""
    return {
        name: [_flat(each) for each in value] if isinstance(value, list) else _flat(value)
        for name, value in arguments.items()
    }


def _flat(value: JsonValue) -> FieldValue:
    return to_json(value).decode() if isinstance(value, dict | list) else value


def without_secrets(fields: Mapping[str, FieldValue] | None) -> EntityFields | None:
    """Return an entity's fields with what must not be shown masked."""
    if fields is None:
        return None
    return {name: MASK if name in SECRET_FIELDS else value for name, value in fields.items()}


def cursor_after_change(number: int) -> str:
    """Return the cursor of a page that ends with the change of this number, the first of its entity being 1.

    A number among all changes would tell how much happens in other spaces.
    """
    return cursor_after(UUID(int=number))


def change_of(cursor: str) -> int:
    """Return the number of the change that the page ended with, or raise `InvalidCursor`."""
    number = id_of(cursor).int
    if number > MAX_INT:
        raise InvalidCursor
    return number
