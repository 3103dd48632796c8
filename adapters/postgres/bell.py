"""The bell that queueing rings: `listen` on a connection of its own."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.connections import borrowed, reaching_the_database
from ports.unit_of_work import DatabaseUnavailable

CHANNEL = "actionbus_work"
RETRY_SECONDS = 0.5


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
