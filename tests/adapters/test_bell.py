"""The bell: who commits what is queued wakes workers at once, or shortly after."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg
import pytest

from adapters.postgres.bell import CHANNEL, RING_SECONDS, Bell
from adapters.postgres.connections import borrowed
from adapters.postgres.queue import PostgresQueue
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from service.composition import Service
from service.database import Database, engine_of
from service.settings import Settings
from tests.adapters.jobs import queued
from tests.adapters.storage import PostgresStorage


@dataclass
class Ringing:
    """A bell, and when it was heard."""

    storage: PostgresStorage
    bell: Bell
    heard: list[float] = field(default_factory=list)

    async def put(self, number: int, *, fail: bool = False) -> float:
        """Queue something, and return when it was committed."""
        unit = PostgresUnitOfWork(self.storage.engine, bell=self.bell)
        with suppress(ZeroDivisionError):
            async with unit.transaction():
                await PostgresQueue(unit).put(queued(number))
                if fail:
                    raise ZeroDivisionError
        return asyncio.get_running_loop().time()

    async def hears(self, times: int) -> None:
        async with asyncio.timeout(5):
            while len(self.heard) < times:
                await asyncio.sleep(0.001)

    async def silence(self) -> int:
        """Return how often it was heard when nothing more is to come."""
        await self.bell.close()
        await asyncio.sleep(10 * RING_SECONDS)
        return len(self.heard)


@pytest.fixture
async def ringing(database_storage: PostgresStorage) -> AsyncIterator[Ringing]:
    made = Ringing(database_storage, Bell(database_storage.engine))
    url = database_storage.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    listening = await asyncpg.connect(url)
    loop = asyncio.get_running_loop()
    await listening.add_listener(CHANNEL, lambda *_: made.heard.append(loop.time()))
    yield made
    await made.bell.close()
    await listening.close()


async def test_it_is_rung_by_a_commit(ringing: Ringing) -> None:
    await ringing.put(1)
    await ringing.hears(1)

    assert await ringing.silence() == 1


async def test_what_is_not_committed_does_not_ring_it(ringing: Ringing) -> None:
    await ringing.put(1, fail=True)

    assert await ringing.silence() == 0


async def test_it_is_rung_for_all_that_is_committed_and_for_many_at_once(ringing: Ringing) -> None:
    last = 0.0
    for number in range(1, 201):
        last = await ringing.put(number)

    heard = await ringing.silence()
    assert heard < 100
    assert ringing.heard[-1] >= last - RING_SECONDS / 2, "the last of them is told, too"


async def test_of_many_who_commit_at_once_each_is_followed_by_a_ring(ringing: Ringing) -> None:
    committed = await asyncio.gather(*(ringing.put(number) for number in range(1, 41)))

    assert await ringing.silence() < len(committed)
    assert ringing.heard[-1] >= max(committed) - RING_SECONDS / 2


async def test_a_service_that_is_closed_has_rung(settings: Settings, ringing: Ringing) -> None:
    service = Service(settings, Database(ringing.storage.engine.url, None))
    ringing.bell = service.bell

    await ringing.put(1)
    await ringing.put(2)
    await service.close()

    await ringing.hears(2)


async def test_a_connection_that_does_not_answer_mutes_nobody(ringing: Ringing) -> None:
    engine = engine_of(ringing.storage.engine.url, pool=1)
    ringing.bell = Bell(engine)
    async with borrowed(engine) as driver:
        pid = driver.get_server_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        await ringing.put(1)
        await ringing.put(2)
        await asyncio.sleep(5 * RING_SECONDS)
        assert len(ringing.heard) == 1, "the other ring has no answer"
        await ringing.put(3)
        await ringing.hears(2)
    finally:
        os.kill(pid, signal.SIGCONT)
    await ringing.bell.close()
    await engine.dispose()
