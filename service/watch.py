"""Watching executions: one look at the ledger, again and again, for all who wait in this process."""

import asyncio
from contextlib import suppress
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.glimpses import Glimpse, ended, glimpses
from ports.ledger import Stored
from ports.unit_of_work import DatabaseUnavailable

LOOK_SECONDS = 0.1


class Watch:
    """Who waits is woken within `LOOK_SECONDS` or so; nothing is asked of the database while nobody does.

    Once it is `closed`, nobody waits any more.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: dict[UUID, list[asyncio.Future[Glimpse | None]]] = {}
        self._looking: asyncio.Task[None] | None = None
        self.closed = False

    def close(self) -> None:
        """Tell all who wait, and who would, that there is nothing in time: the service is stopping."""
        self.closed = True
        for waiting in [each for of_one in self._waiting.values() for each in of_one]:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def news(self, id: UUID, *, seen: str | None, seconds: float) -> Glimpse | None:
        """Return the execution as soon as its stamp is another than `seen`; None if it is not within that time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while glimpse := await self._next(id):
                    if glimpse.stamp != seen:
                        return glimpse
        return None

    async def end(self, id: UUID, *, seconds: float) -> Glimpse | None:
        """Return the execution once it is final; None if it is not within that time."""
        until, seen = asyncio.get_running_loop().time() + seconds, None
        while glimpse := await self.news(id, seen=seen, seconds=until - asyncio.get_running_loop().time()):
            if glimpse.final:
                return glimpse
            seen = glimpse.stamp
        return None

    async def stored(self, id: UUID, *, actor: str) -> Stored | None:
        """Return what came of this actor's execution, if it has ended. Raise `DatabaseUnavailable`."""
        return await ended(self._engine, id, actor=actor)

    async def _next(self, id: UUID) -> Glimpse | None:
        if self.closed:
            return None
        waiting: asyncio.Future[Glimpse | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(id, []).append(waiting)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())
        try:
            return await waiting
        finally:
            if not waiting.done() or waiting.cancelled():
                self._forget(id, waiting)

    def _forget(self, id: UUID, waiting: asyncio.Future[Glimpse | None]) -> None:
        left = self._waiting.get(id, [])
        if waiting in left:
            left.remove(waiting)
        if not left:
            self._waiting.pop(id, None)

    async def _look(self) -> None:
        while self._waiting:
            try:
                found = await glimpses(self._engine, [*self._waiting])
            except DatabaseUnavailable:
                found = {}  # who waits gives up by their own clock
            for execution_id, glimpse in found.items():
                for waiting in self._waiting.pop(execution_id, ()):
                    if not waiting.done():
                        waiting.set_result(glimpse)
            await asyncio.sleep(LOOK_SECONDS)
