"""The SQL of each kind of entity, made once from its table and run by the driver."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import count
from typing import Literal

from sqlalchemy import Table

from adapters.postgres.tables import TABLES
from ports.entity import Entity
from ports.library import Space

Form = Literal["= ${}", "= any(${})", "is null", "is not null"]
CHANGE = "insert into changes (execution_id, space_id, part_of, entity_kind, entity_id, before, after) "


@dataclass(frozen=True, kw_only=True)
class Statements:
    """Statements over the columns `columns`, which are the entity's fields in their order.

    Each that writes also writes its change, whose execution is its last parameter, and returns a row if it did.
    `led` are the columns that lead an index which goes on with the id, the narrowest first.
    """

    table: str
    columns: tuple[str, ...]
    led: tuple[str, ...]
    get: str
    lock: str
    add: str
    save: str
    remove: str
    version: str


def _led(table: Table) -> tuple[str, ...]:
    leading = {index.columns[0].name for index in table.indexes if index.columns.keys()[1:] == ["id"]}
    return tuple(name for name in reversed(table.columns.keys()) if name in leading)


def _statements_of(kind: type[Entity]) -> Statements:
    table = TABLES[kind].name
    columns = tuple(field.name for field in fields(kind))
    listed, values = ", ".join(columns), ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    sets = ", ".join(f"{c} = ${n}" for n, c in enumerate(columns, 1) if c not in ("id", "version"))
    returned = ", ".join(f"{table}.{column}" for column in columns)
    last, name = len(columns) + 1, kind.__name__.lower()
    space = "id" if kind is Space else "space_id" if "space_id" in columns else None

    arbiter = f"({', '.join(kind.unique)})" + (f" where {kind.while_none} is null" if kind.while_none else "")

    def change(row: str, before: str, after: str, *, execution: int = last) -> str:
        of_space = f"{row}.{space}" if space else "null::uuid"
        whole = f"{row}.{kind.part_of}" if kind.part_of else "null::uuid"
        return f"{CHANGE}select ${execution}::uuid, {of_space}, {whole}, '{name}', {row}.id, {before}, {after} from"

    get = f"select {listed} from {table} where id = $1"
    return Statements(
        table=table,
        columns=columns,
        led=_led(TABLES[kind]),
        get=get,
        lock=f"{get} for no key update",
        version=f"select version from {table} where id = $1",
        add=f"with added as (insert into {table} ({listed}) values ({values}) "
        f"on conflict {arbiter} do nothing returning {listed}), "
        f"change as ({change('added', 'null', 'to_jsonb(added)')} added) select 1 from added",
        save=f"with was as (select {listed} from {table} where id = ${columns.index('id') + 1} "
        f"and version = ${columns.index('version') + 1} for update), "
        f"now as (update {table} set {sets}, version = was.version + 1 from was where {table}.id = was.id "
        f"returning {returned}), "
        f"change as ({change('now', 'to_jsonb(was)', 'to_jsonb(now)')} was, now) select 1 from now",
        remove=f"with gone as (delete from {table} where id = $1 and version = $2 returning {listed}), "
        f"change as ({change('gone', 'to_jsonb(gone)', 'null', execution=3)} gone) select 1 from gone",
    )


STATEMENTS = {kind: _statements_of(kind) for kind in TABLES}


@cache
def found_by(of: Statements, equal: Sequence[tuple[str, Form]], *, after: bool) -> str:
    """Return the SQL of a page by the fields named, each in its form, and after an id.

    One that leads an index is asked for as a range and ordered by. As a plain equality it would leave the planner free
    to read the whole table by its ids, until enough of a large kit turn up between those in its trash.
    """
    listed, order = ", ".join(of.columns), "id"
    condition, used = _condition(of, equal)
    if after:
        condition, used = f"{condition} and id > ${used + 1}", used + 1
    if led := next((name for name in of.led if (name, "= ${}") in equal), None):
        condition = re.sub(rf"\b{led} = (\$\d+)", rf"{led} between \1 and \1", condition)
        order = f"{led}, id"
    return f"select {listed} from {of.table} where {condition} order by {order} limit ${used + 1}"


@cache
def counted_by(of: Statements, equal: Sequence[tuple[str, Form]]) -> str:
    """Return the SQL of the count by the fields named."""
    return f"select count(*) from {of.table} where {_condition(of, equal)[0]}"


def _condition(of: Statements, equal: Sequence[tuple[str, Form]]) -> tuple[str, int]:
    if unknown := dict(equal).keys() - of.columns:
        raise TypeError(f"{of.table} have no {', '.join(unknown)}.")
    numbers = count(1)
    terms = [f"{name} {form}" if "null" in form else f"{name} {form.format(next(numbers))}" for name, form in equal]
    return " and ".join(terms) or "true", next(numbers) - 1
