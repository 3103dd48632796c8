"""History in PostgreSQL."""

from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_jsonable_python
from sqlalchemy import DateTime

from adapters.postgres.tables import TABLES
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.attempts import FailedAttempt, ProblemRecord, ProgressRecord
from ports.cursor import cursor_after, id_of
from ports.difference import EntityFields
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
from ports.ledger import State
from ports.repo import MAX_PAGE, EntityNotFound
from ports.uuid7 import first_of

COLUMNS = {kind.__name__.lower(): table.columns for kind, table in TABLES.items()}
LED_BY = ("space_id", "actor")  # the first columns of indexes that go on with the id
NAME = "(select display_name from actors where subject = actor) as actor_name"
GLANCE = f"""
select id, action, state, space_id, actor, {NAME}, via, entry_point, parent_id, submitted_at, finished_at,
    problem::json->>'code' as problem_code"""
RECORD = f"""{GLANCE}, trace_id, arguments::text, output, problem, run_at, started_at, attempt, failures::text,
    progress::text, queue, priority, retry_of, worker_id, cancel_requested_at is not null as cancel_requested
from executions where id = $1"""
ARGUMENTS = "select arguments::text from executions where id = $1"
TERMS = {"id": "id < {}", "since": "id >= {}", "until": "id < {}"}  # all others equal what they are called by
WITHIN = {"since": "({}, id) >= ($1, {})", "until": "({}, id) < ($1, {})"}
UNRETRIED = """run_at is not null and not exists (
    select from executions retry where retry.retry_of = executions.id
)"""
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('actionbus.unretried', 47))"
# Two indexes, neither read beyond the end of the page.
CHANGES = """
select c.execution_id, e.action, e.actor,
    (select display_name from actors where subject = e.actor) as actor_name, c.entity_kind as kind, c.entity_id,
    e.submitted_at as at, c.space_id, c.before::text, c.after::text
from (
    (select * from changes where entity_kind = $1 and entity_id = $2 order by id limit $3::bigint + $4)
    union all
    (select * from changes where part_of = $2 and entity_kind = any($5) order by id limit $3::bigint + $4)
) c join executions e on e.id = c.execution_id order by c.id offset $3 limit $4
"""
PENDING = """
select entity_kind as kind, entity_id, before::text, after::text from changes
where transaction_id = pg_current_xact_id() order by id
"""


class PostgresHistory:
    """The changes and the ledger as rows."""

    def __init__(self, unit: PostgresUnitOfWork) -> None:
        self._unit = unit

    async def changes_of(
        self, kind: str, id: UUID, /, *, limit: int = MAX_PAGE, cursor: str | None = None
    ) -> Excerpt[ChangeRecord]:
        """See `History`."""
        after = change_of(cursor) if cursor else 0
        rows = await (await self._unit.driver()).fetch(CHANGES, kind, id, after, limit + 1, parts_of(kind))
        items = [_change_record(dict(row)) for row in rows[:limit]]
        return Excerpt(items=items, next_cursor=cursor_after_change(after + limit) if len(rows) > limit else None)

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
            "retry_of": retry_of, "since": since and first_of(since), "until": until and first_of(until),
            "id": id_of(cursor) if cursor else None,
        }  # fmt: skip
        asked = {name: value for name, value in given.items() if value is not None}
        driver = await self._unit.driver()
        if unretried:
            await driver.execute(ONE_AT_A_TIME)
        rows = await driver.fetch(listed_by(tuple(asked), unretried=unretried), *asked.values(), limit + 1)
        items = [ExecutionSummary(**row) for row in rows[:limit]]
        return Excerpt(items=items, next_cursor=cursor_after(items[-1].id) if len(rows) > limit else None)

    async def pending(self) -> list[PendingChange]:
        """See `History`."""
        rows = await (await self._unit.driver()).fetch(PENDING)
        return [PendingChange(**_with_fields(dict(row))) for row in rows]

    async def execution(self, id: UUID, /) -> ExecutionRecord:
        """See `History`."""
        row = await (await self._unit.driver()).fetchrow(RECORD, id)
        if row is None:
            raise EntityNotFound(kind="execution", id=id)
        return _execution_record(dict(row))

    async def arguments_of(self, id: UUID, /) -> Fields:
        """See `History`."""
        text = await (await self._unit.driver()).fetchval(ARGUMENTS, id)
        if text is None:
            raise EntityNotFound(kind="execution", id=id)
        arguments: Fields = _json(text)
        return arguments


@cache
def listed_by(names: tuple[str, ...], *, unretried: bool = False) -> str:
    """Return the SQL of a page of executions by the columns named: by `id` and `until` those before it.

    The first, if it is the space or the actor, is asked for as a range and ordered by, and a time is a range of both.
    As plain comparisons they would leave the planner free to read all executions by their ids, newest first or of
    that time, until enough of an idle space turn up.
    """
    first = names[0] if names and names[0] in LED_BY else None
    terms = [_term(name, f"${number}", first) for number, name in enumerate(names, 1)]
    order = "id desc"
    if first:
        terms[0], order = f"{first} between $1 and $1", f"{first} desc, id desc"
    condition = " and ".join([*terms, UNRETRIED] if unretried else terms) or "true"
    return f"{GLANCE} from executions where {condition} order by {order} limit ${len(names) + 1}"


def _term(name: str, value: str, first: str | None) -> str:
    if first and name in WITHIN:
        return WITHIN[name].format(first, value)
    return TERMS.get(name, f"{name} = {{}}").format(value)


def parts_of(kind: str) -> list[str]:
    """Return the kinds of entities that are part of those of this kind."""
    return [part.__name__.lower() for part in TABLES if part.part_of == f"{kind}_id"]


def _execution_record(row: dict[str, Any]) -> ExecutionRecord:
    problem, progress = row["problem"] and ProblemRecord.of(_json(row["problem"])), _json(row["progress"])
    read = {
        "arguments": told(_json(row["arguments"])),
        "output": _json(row["output"]),
        "problem": problem,
        "failures": [FailedAttempt.of(each) for each in _json(row["failures"]) or ()],
        "progress": progress and ProgressRecord(**progress),
    }
    return ExecutionRecord(**row | read)


def _change_record(row: dict[str, Any]) -> ChangeRecord:
    return ChangeRecord(**_with_fields(row))


def _with_fields(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: _fields(row["kind"], row[name]) for name in ("before", "after")}


def _fields(kind: str, text: str | None) -> EntityFields | None:
    """Return an entity's fields in their order, which jsonb loses, and its times as everywhere else, in UTC."""
    kept: EntityFields | None = _json(text)
    if kept is None:
        return None
    columns = COLUMNS[kind]
    ordered = {column.name: kept[column.name] for column in columns if column.name in kept} | kept
    for column in columns:
        if column.computed is not None:  # a process of the version before wrote it down with the others
            ordered.pop(column.name, None)
    return {
        name: _in_utc(value) if name in columns and isinstance(columns[name].type, DateTime) else value
        for name, value in ordered.items()
    }


def _in_utc(value: Any) -> Any:
    return to_jsonable_python(datetime.fromisoformat(value).astimezone(UTC)) if value else None


def _json(text: str | None) -> Any:
    return None if text is None else from_json(text)
