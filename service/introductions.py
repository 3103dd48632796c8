"""Introductions: who is seen for the first time, or by another name, is put into the directory."""

from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.directory import PostgresDirectory
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.action import ActorKind, Caller
from ports.unit_of_work import DatabaseUnavailable

REMEMBERED = 10_000


class Introductions:
    """What this process knows to be in the directory, so that asking again costs a look into a dictionary."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._known: dict[str, tuple[ActorKind, str | None]] = {}

    def know(self, caller: Caller) -> bool:
        """Return whether the caller is known to be in the directory, or is nobody to be in it."""
        return self._known.get(caller.actor) == (caller.kind, caller.name) or caller.kind == "link"

    async def introduce(self, caller: Caller) -> None:
        """Put the caller into the directory; one whom the database cannot take now comes again."""
        unit = PostgresUnitOfWork(self._engine)
        with suppress(DatabaseUnavailable):
            async with unit.transaction():  # of its own: two who begin at once wait for no import of each other's
                await PostgresDirectory(unit).see(caller)
            self._known[caller.actor] = (caller.kind, caller.name)
            if len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
