"""The repository: where entities are kept, within the execution's transaction."""

from collections.abc import AsyncIterator, Collection
from typing import Any, Protocol
from uuid import UUID

from ports.entity import E, Entity, Page
from ports.problem import Conflict, NotFound

MAX_PAGE = 200


class EntityNotFound(NotFound):
    """There is no such thing, or you may not see it."""

    kind: str
    id: UUID


class VersionMismatch(Conflict):
    """It was changed meanwhile.

    Read it again, look at what changed, and send its present version.
    """

    status = 412
    kind: str
    id: UUID
    current_version: int


def not_found(kind: type[object], id: UUID) -> EntityNotFound:
    """Return the one problem for what is missing and for what a stranger may not see."""
    return EntityNotFound(kind=kind.__name__.lower(), id=id)


class Repo(Protocol):
    """Entities by kind. What is written is recorded as a change of the execution, in the same transaction."""

    async def get(self, kind: type[E], id: UUID, /) -> E:
        """Return it, or raise `EntityNotFound`."""
        ...

    async def lock(self, kind: type[E], id: UUID, /) -> E:
        """Return it, or raise `EntityNotFound`; nobody else changes or locks it until the transaction ends."""
        ...

    async def add(self, entity: E, /) -> E:
        """Store it, or raise its kind's `taken`; the transaction stays usable."""
        ...

    async def save(self, entity: E, /) -> E:
        """Store its fields over the version it carries and return it with the next version.

        Raise `VersionMismatch`, `EntityNotFound` or its kind's `taken`; the transaction stays usable.
        """
        ...

    async def remove(self, entity: Entity, /) -> None:
        """Remove it at the version it carries. Raise `VersionMismatch` or `EntityNotFound`."""
        ...

    async def find(
        self,
        kind: type[E],
        /,
        *,
        limit: int = MAX_PAGE,
        cursor: str | None = None,
        **equal: object | Collection[object],
    ) -> Page[E]:
        """Return a page, oldest first, of those whose fields equal these.

        A list or set means any of its values, None that there is none, `...` that there is one.

        Raise `InvalidCursor`.
        """
        ...

    async def count(self, kind: type[E], /, **equal: object | Collection[object]) -> int:
        """Return how many have fields that equal these."""
        ...


async def every(repo: Repo, kind: type[E], /, **equal: Any) -> AsyncIterator[E]:
    """Yield all whose fields equal these, oldest first, page by page."""
    page = await repo.find(kind, **equal)
    while True:
        for entity in page.items:
            yield entity
        if page.next_cursor is None:
            return
        page = await repo.find(kind, cursor=page.next_cursor, **equal)
