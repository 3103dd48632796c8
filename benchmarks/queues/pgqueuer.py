"""PgQueuer as its examples have it: a transaction with the row and the job, a worker by `pgq run`, batches of 10."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from benchmarks.queues.contender import ORDERS, Place
from benchmarks.queues.finish import cross

DATABASE = "BENCHMARK_DATABASE"


@asynccontextmanager
async def worker() -> AsyncIterator[PgQueuer]:
    """Yield what `pgq run` runs, on one connection."""
    connection = await asyncpg.connect(os.environ[DATABASE])
    queue = PgQueuer(AsyncpgDriver(connection))
    queue.entrypoint("noop")(noop)
    yield queue
    await connection.close()


async def noop(job: Job) -> None:
    """Do nothing, and say so."""
    cross(int(job.payload or b""))


class WithPgQueuer:
    """One connection for each producer."""

    name = "PgQueuer"

    def __init__(self) -> None:
        self._url = ""
        self._connections: list[Any] = []

    async def open(self, place: Place) -> None:
        self._url = place.url()
        self._connections = [await asyncpg.connect(self._url) for _ in range(place.at_once)]
        await self._connections[0].execute(ORDERS)
        await Queries(AsyncpgDriver(self._connections[0])).install()

    def worker(self) -> tuple[Sequence[str], Mapping[str, str]]:
        command = ("pgq", "run", "--batch-size", "10", "--log-level", "WARNING", "benchmarks.queues.pgqueuer:worker")
        return command, {DATABASE: self._url}

    async def produce(self, numbers: range) -> None:
        waiting = iter(numbers)
        await asyncio.gather(*(_produce(connection, waiting) for connection in self._connections))

    async def unfinished(self) -> int:
        return int(await self._connections[0].fetchval("select count(*) from pgqueuer"))

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()


async def _produce(connection: Any, numbers: Iterator[int]) -> None:
    queries = Queries(AsyncpgDriver(connection))
    for number in numbers:
        async with connection.transaction():
            await connection.execute("insert into orders (id, note) values ($1, $2)", number, "paid")
            await queries.enqueue("noop", str(number).encode())
