"""Procrastinate: a transaction with the row and the job, a worker by its own command that runs 20 jobs at once."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector

from benchmarks.queues.contender import ORDERS, Place
from benchmarks.queues.finish import cross

DATABASE = "BENCHMARK_DATABASE"
UNFINISHED = "select count(*) from procrastinate_jobs where status in ('todo', 'doing')"


async def noop(number: int) -> None:
    """Do nothing, and say so."""
    cross(number)


def app_at(url: str) -> tuple[App, Any]:
    """Return an app whose jobs are in that database, and its one task."""
    made = App(connector=PsycopgConnector(conninfo=url))
    return made, made.task(name="noop")(noop)


app, _ = app_at(os.environ.get(DATABASE, ""))  # what the worker's command imports


class WithProcrastinate:
    """One connection for each producer."""

    name = "Procrastinate"

    def __init__(self) -> None:
        self._url = ""
        self._connections: list[Any] = []
        self._app: Any = None
        self._task: Any = None

    async def open(self, place: Place) -> None:
        self._url = place.url()
        self._app, self._task = app_at(self._url)
        await self._app.open_async()
        await self._app.schema_manager.apply_schema_async()
        connect = psycopg.AsyncConnection.connect
        self._connections = [await connect(self._url, autocommit=True) for _ in range(place.at_once)]
        await self._connections[0].execute(ORDERS)

    def worker(self) -> tuple[Sequence[str], Mapping[str, str]]:
        command = ("procrastinate", "--app", "benchmarks.queues.procrastinate.app", "worker", "--concurrency", "20")
        return command, {DATABASE: self._url}

    async def produce(self, numbers: range) -> None:
        waiting = iter(numbers)
        await asyncio.gather(*(self._produce(connection, waiting) for connection in self._connections))

    async def unfinished(self) -> int:
        rows = await self._connections[0].execute(UNFINISHED)
        return int((await rows.fetchone())[0])

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()
        await self._app.close_async()

    async def _produce(self, connection: Any, numbers: Iterator[int]) -> None:
        for number in numbers:
            async with connection.transaction():
                await connection.execute("insert into orders (id, note) values (%s, %s)", (number, "paid"))
                await self._task.configure(connection=connection).defer_async(number=number)
