"""The repository in memory."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any
from uuid import UUID

from adapters.memory.store import Change, MemoryStore
from ports.action import Execution
from ports.cursor import cursor_after, id_of
from ports.entity import E, Entity, Page
from ports.repo import MAX_PAGE, VersionMismatch, not_found


class MemoryRepo:
    """Entities in dictionaries: `MemoryRepo(space, kit)` holds these two, and no change tells how they came there.

    A unique name is unique, as in a database; that a kit's space is there too is not asked for.
    """

    def __init__(self, *entities: Entity, store: MemoryStore | None = None, execution: Execution | None = None) -> None:
        self.store = MemoryStore() if store is None else store
        self._execution_id = (execution or Execution()).id
        for entity in entities:
            self.store.of(type(entity))[entity.id] = entity

    async def get(self, kind: type[E], id: UUID, /) -> E:
        """See `Repo`."""
        found: E | None = self.store.of(kind).get(id)
        if found is None:
            raise not_found(kind, id)
        return found

    async def lock(self, kind: type[E], id: UUID, /) -> E:
        """See `Repo`; nobody else works while this does."""
        return await self.get(kind, id)

    async def add(self, entity: E, /) -> E:
        """See `Repo`."""
        if entity.id in self.store.of(type(entity)):
            raise RuntimeError(f"The id {entity.id} is used.")
        self._check_taken(entity)
        self._write(None, entity)
        return entity

    async def save(self, entity: E, /) -> E:
        """See `Repo`."""
        before = await self._present(entity)
        self._check_taken(entity)
        after = entity.next_version()
        self._write(before, after)
        return after

    async def remove(self, entity: Entity, /) -> None:
        """See `Repo`."""
        self._write(await self._present(entity), None)

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
        after = id_of(cursor) if cursor else UUID(int=0)
        found = sorted((e for e in self._matching(kind, equal) if e.id > after), key=lambda entity: entity.id)
        items = found[:limit]
        return Page(items=items, next_cursor=cursor_after(items[-1].id) if len(found) > limit else None)

    async def count(self, kind: type[E], /, **equal: object | Collection[object]) -> int:
        """See `Repo`."""
        return len(self._matching(kind, equal))

    def _matching(self, kind: type[E], equal: dict[str, Any]) -> list[E]:
        if unknown := equal.keys() - {field.name for field in fields(kind)}:
            raise TypeError(f"{kind.__name__} has no {', '.join(unknown)}.")
        return [e for e in self.store.of(kind).values() if all(_equals(getattr(e, n), v) for n, v in equal.items())]

    async def _present(self, entity: Entity) -> Entity:
        present = await self.get(type(entity), entity.id)
        if present.version != entity.version:
            kind = type(entity).__name__.lower()
            raise VersionMismatch(kind=kind, id=entity.id, current_version=present.version)
        return present

    def _check_taken(self, entity: Entity) -> None:
        unique = {name: getattr(entity, name) for name in entity.unique}
        if entity.while_none is not None:
            if getattr(entity, entity.while_none) is not None:
                return
            unique[entity.while_none] = None
        if any(other.id != entity.id for other in self._matching(type(entity), unique)):
            raise entity.is_taken()

    def _write(self, before: Entity | None, after: Entity | None) -> None:
        self.store.write(Change(execution_id=self._execution_id, before=before, after=after))


def _equals(value: object, wanted: object) -> bool:
    if wanted is ...:
        return value is not None
    return value in wanted if isinstance(wanted, (list, set, frozenset, tuple)) else value == wanted
