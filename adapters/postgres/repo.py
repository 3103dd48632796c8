"""The repository in PostgreSQL."""

from collections.abc import Collection
from operator import attrgetter
from typing import Any
from uuid import UUID

import asyncpg

from adapters.postgres.statements import STATEMENTS, Form, counted_by, found_by
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.cursor import cursor_after, id_of
from ports.entity import E, Entity, Page
from ports.repo import MAX_PAGE, VersionMismatch, not_found


class PostgresRepo:
    """Entities as rows; each write is one statement that writes the change as well."""

    def __init__(self, unit: PostgresUnitOfWork, execution_id: UUID) -> None:
        self._unit, self._execution_id = unit, execution_id

    async def get(self, kind: type[E], id: UUID, /) -> E:
        """See `Repo`."""
        return await self._one(kind, id, STATEMENTS[kind].get)

    async def lock(self, kind: type[E], id: UUID, /) -> E:
        """See `Repo`."""
        return await self._one(kind, id, STATEMENTS[kind].lock)

    async def add(self, entity: E, /) -> E:
        """See `Repo`."""
        if await self._written(entity, STATEMENTS[type(entity)].add) is None:
            raise entity.is_taken()
        return entity

    async def save(self, entity: E, /) -> E:
        """See `Repo`."""
        try:
            async with self._unit.savepoint():
                written = await self._written(entity, STATEMENTS[type(entity)].save)
        except asyncpg.UniqueViolationError:
            raise entity.is_taken() from None
        if written is None:
            raise await self._superseded(entity)
        return entity.next_version()

    async def remove(self, entity: Entity, /) -> None:
        """See `Repo`."""
        driver = await self._unit.driver()
        sql = STATEMENTS[type(entity)].remove
        self._unit.written.add(type(entity))
        if await driver.fetchval(sql, entity.id, entity.version, self._execution_id) is None:
            raise await self._superseded(entity)

    async def find(
        self,
        kind: type[E],
        /,
        *,
        limit: int = MAX_PAGE,
        cursor: str | None = None,
        **equal: object | Collection[object],
    ) -> Page[E]:
        """See `Repo`."""
        terms, values = _terms(equal)
        after = [id_of(cursor)] if cursor else []
        driver = await self._unit.driver()
        rows = await driver.fetch(found_by(STATEMENTS[kind], terms, after=bool(after)), *values, *after, limit + 1)
        items = [kind(**row) for row in rows[:limit]]
        return Page(items=items, next_cursor=cursor_after(items[-1].id) if len(rows) > limit else None)

    async def count(self, kind: type[E], /, **equal: object | Collection[object]) -> int:
        """See `Repo`."""
        terms, values = _terms(equal)
        driver = await self._unit.driver()
        return int(await driver.fetchval(counted_by(STATEMENTS[kind], terms), *values))

    async def _one(self, kind: type[E], id: UUID, sql: str) -> E:
        row = await (await self._unit.driver()).fetchrow(sql, id)
        if row is None:
            raise not_found(kind, id)
        return kind(**row)

    async def _written(self, entity: Entity, sql: str) -> object:
        values = attrgetter(*STATEMENTS[type(entity)].columns)(entity)
        self._unit.written.add(type(entity))
        return await (await self._unit.driver()).fetchval(sql, *values, self._execution_id)

    async def _superseded(self, entity: Entity) -> Exception:
        driver = await self._unit.driver()
        version = await driver.fetchval(STATEMENTS[type(entity)].version, entity.id)
        if version is None:
            return not_found(type(entity), entity.id)
        return VersionMismatch(kind=type(entity).__name__.lower(), id=entity.id, current_version=version)


def _terms(equal: dict[str, Any]) -> tuple[tuple[tuple[str, Form], ...], list[object]]:
    forms = {name: _form(value) for name, value in equal.items()}
    values = [value if forms[n] == "= ${}" else list(value) for n, value in equal.items() if "null" not in forms[n]]
    return tuple(forms.items()), values


def _form(value: object) -> Form:
    if value is None or value is ...:
        return "is null" if value is None else "is not null"
    return "= any(${})" if isinstance(value, (list, set, frozenset, tuple)) else "= ${}"
