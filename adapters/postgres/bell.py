"""The bell that queueing rings, and `listen` for it on a connection of its own."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.connections import borrowed, fetched, reaching_the_database
from ports.unit_of_work import DatabaseUnavailable

CHANNEL = "actionbus_work"
RING = f"notify {CHANNEL}"
RETRY_SECONDS = 0.5
RING_SECONDS = 0.01  # a worker that was woken looks again after as long


class Bell:
    """Wakes workers once for what a process commits in a hundredth of a second, and not for each.

    To ring is part of a commit, and such commits wait for one another. One that comes soon after another is silent, and
    the bell is rung after it; a worker finds it by itself in half a second if the process dies in between.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._rung, self._owed = 0.0, False
        self._ringing: asyncio.Task[None] | None = None

    def rings_now(self) -> bool:
        """Return whether who commits now is to ring. Who is not, tells of it by `owe` when it is committed."""
        now = asyncio.get_running_loop().time()
        if self._ringing is not None or now < self._rung + RING_SECONDS:
            return False
        self._rung = now
        return True

    def owe(self) -> None:
        """Ring shortly."""
        self._owed = True
        if self._ringing is None:
            self._ringing = asyncio.create_task(self._ring())

    async def close(self) -> None:
        """Ring what is still to be rung."""
        if self._ringing is not None:
            await self._ringing

    async def _ring(self) -> None:
        now = asyncio.get_running_loop().time
        try:
            while self._owed:
                await asyncio.sleep(self._rung + RING_SECONDS - now())
                self._rung, self._owed = now(), False
                with suppress(DatabaseUnavailable):
                    await fetched(self._engine, RING)
        finally:
            self._ringing = None


async def listen(engine: AsyncEngine, hear: Callable[[], None]) -> None:
    """Call `hear` after each commit that queued something, and whenever some may have been missed; until cancelled."""
    while True:
        with suppress(DatabaseUnavailable), reaching_the_database():
            await _listen_once(engine, hear)
        hear()
        await asyncio.sleep(RETRY_SECONDS)


async def _listen_once(engine: AsyncEngine, hear: Callable[[], None]) -> None:
    lost = asyncio.Event()
    async with borrowed(engine, for_good=True) as driver:  # one that listens is not for the pool
        driver.add_termination_listener(lambda _: lost.set())
        await driver.add_listener(CHANNEL, lambda *_: hear())
        hear()
        await lost.wait()
