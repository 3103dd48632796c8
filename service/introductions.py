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

    async def of(self, caller: Caller) -> None:
        """See to it that the caller is in the directory; one whom the database cannot take now comes again."""
        said = (caller.kind, caller.name)
        if caller.kind == "link" or self._known.get(caller.actor) == said:
            return
        unit = PostgresUnitOfWork(self._engine)
        with suppress(DatabaseUnavailable):
            async with unit.transaction():  # of its own: two who begin at once wait for no import of each other's
                await PostgresDirectory(unit).see(caller)
            self._known[caller.actor] = said
            if len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
