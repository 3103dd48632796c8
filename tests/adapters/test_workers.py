"""The record of workers, in memory and in PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from adapters.memory.workers import MemoryWorkers
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.workers import PostgresWorkers
from ports.workers import WorkerRecord, Workers
from tests.adapters.storage import PostgresStorage, Storage

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FIRST = WorkerRecord(
    id=UUID(int=1),
    host="engine-room",
    pid=7,
    queues=["default", "slow"],
    capacity=10,
    running=3,
    stopping=False,
    started_at=LONG_AGO,
    seen_at=LONG_AGO,
)
SECOND = replace(FIRST, id=UUID(int=2), queues=[])
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Room:
    """Where workers are on record: `pass_by` lets time go by."""

    transaction: Callable[[], AbstractAsyncContextManager[Workers]]
    pass_by: Callable[[timedelta], Awaitable[None]]

    async def see(self, *workers: WorkerRecord) -> None:
        for worker in workers:
            async with self.transaction() as port:
                await port.see(worker)

    async def all(self) -> list[WorkerRecord]:
        async with self.transaction() as port:
            return await port.all()

    async def leave(self, worker: UUID) -> None:
        async with self.transaction() as port:
            await port.leave(worker)


@pytest.fixture
async def room(storage: Storage) -> Room:
    if isinstance(storage, PostgresStorage):
        return _room_in_postgres(storage)
    ahead = timedelta()
    workers = MemoryWorkers(clock=lambda: datetime.now(UTC) + ahead)

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Workers]:
        yield workers

    async def pass_by(time: timedelta) -> None:
        nonlocal ahead
        ahead += time

    return Room(transaction, pass_by)


def _room_in_postgres(storage: PostgresStorage) -> Room:
    @asynccontextmanager
    async def transaction() -> AsyncIterator[Workers]:
        unit = PostgresUnitOfWork(storage.engine)
        async with unit.transaction():
            yield PostgresWorkers(unit)

    async def pass_by(time: timedelta) -> None:
        unit = PostgresUnitOfWork(storage.engine)
        async with unit.transaction():
            older = "update workers set started_at = started_at - $1::interval, seen_at = seen_at - $1::interval"
            await (await unit.driver()).execute(older, time)

    return Room(transaction, pass_by)


async def test_a_worker_is_told_as_it_was_seen_with_the_time_of_the_record(room: Room) -> None:
    await room.see(FIRST)
    (seen,) = await room.all()

    assert replace(seen, started_at=LONG_AGO, seen_at=LONG_AGO) == FIRST
    assert seen.started_at == seen.seen_at
    assert abs(datetime.now(UTC) - seen.seen_at) < timedelta(minutes=1)


async def test_who_is_seen_again_began_when_they_did(room: Room) -> None:
    await room.see(FIRST)
    await room.pass_by(timedelta(hours=1))
    await room.see(replace(FIRST, running=0, stopping=True))
    (seen,) = await room.all()

    assert (seen.running, seen.stopping) == (0, True)
    assert seen.seen_at - seen.started_at >= timedelta(hours=1)


async def test_those_that_began_last_come_first(room: Room) -> None:
    await room.see(FIRST)
    await room.pass_by(timedelta(seconds=1))
    await room.see(SECOND)
    await room.see(FIRST)

    assert [worker.id for worker in await room.all()] == [SECOND.id, FIRST.id]


async def test_who_left_is_off_the_record_and_leaving_twice_is_no_harm(room: Room) -> None:
    await room.see(FIRST, SECOND)
    for _ in range(2):
        await room.leave(FIRST.id)

    assert [worker.id for worker in await room.all()] == [SECOND.id]


async def test_who_was_not_heard_of_for_a_day_is_told_no_more_and_gone_when_another_leaves(room: Room) -> None:
    await room.see(FIRST)
    await room.pass_by(DAY)
    await room.see(SECOND)
    assert [worker.id for worker in await room.all()] == [SECOND.id]

    await room.leave(SECOND.id)
    await room.pass_by(-DAY)
    assert await room.all() == []
