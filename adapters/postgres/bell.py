"""The bell that queueing rings, and `listen` for it on a connection of its own."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.connections import LOST, borrowed, living_connection, reaching_the_database
from ports.unit_of_work import DatabaseUnavailable

CHANNEL = "actionbus_work"
RING = f"notify {CHANNEL}"
RETRY_SECONDS = 0.5
RING_SECONDS = 0.01  # a worker that was woken looks again after as long
PATIENCE_SECONDS = 1.0  # with a connection that does not answer


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
        if now < self._rung + RING_SECONDS:
            return False
        self._rung = now
        return True

    def owe(self) -> None:
        """Ring shortly."""
        self._owed = True
        if self._ringing is None:
            self._ringing = asyncio.create_task(self._ring())

    async def close(self) -> None:
        """Ring what is still to be rung, if that does not take long."""
        if self._ringing is not None:
            await asyncio.wait([self._ringing], timeout=PATIENCE_SECONDS)

    async def _ring(self) -> None:
        now = asyncio.get_running_loop().time
        try:
            while self._owed:
                await asyncio.sleep(self._rung + RING_SECONDS - now())
                self._rung, self._owed = now(), False
                with suppress(DatabaseUnavailable, asyncpg.PostgresError), reaching_the_database():
                    async with borrowed(self._engine) as driver:
                        await driver.execute(RING, timeout=PATIENCE_SECONDS)
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
    lost, connection, listens = asyncio.Event(), await living_connection(engine), False

    def rung(*_: object) -> None:
        hear()

    def ended(_: object) -> None:
        lost.set()

    driver: Any = connection.driver_connection
    try:
        driver.add_termination_listener(ended)
        await driver.add_listener(CHANNEL, rung)
        listens = True
        hear()
        await lost.wait()
    finally:
        driver.remove_termination_listener(ended)
        if not (listens and await _hung_up(driver, rung)):
            connection.invalidate()
        connection.close()


async def _hung_up(driver: Any, rung: Callable[..., None]) -> bool:
    """Listen no more, and return whether that is certain: then the connection is for others again."""
    if driver.is_closed():
        return False
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await driver.remove_listener(CHANNEL, rung)
    except (OSError, asyncio.CancelledError, asyncpg.PostgresError, *LOST):
        return False
    return True
