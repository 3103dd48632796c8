"""Celery on a broker, as a team sets it that wants to lose nothing: the row commits first, then the job is sent.

A job is acknowledged after it ran, and what its worker died of is run again. What is sent is not in the transaction of
the row: a producer that dies between the two has lost the job, which the others do not.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
from celery import Celery

from benchmarks.queues.contender import ORDERS, Place
from benchmarks.queues.finish import cross

BROKER = "BENCHMARK_BROKER"


def noop(number: int) -> None:
    """Do nothing, and say so."""
    cross(number)


def app_at(broker: str) -> tuple[Celery, Any]:
    """Return an app that sends to that broker, and its one task."""
    made = Celery("benchmark", broker=broker)
    made.conf.task_acks_late = True
    made.conf.task_reject_on_worker_lost = True
    made.conf.task_ignore_result = True
    made.conf.broker_connection_retry_on_startup = True
    if broker.startswith("amqp"):
        made.conf.broker_transport_options = {"confirm_publish": True}
    return made, made.task(name="noop")(noop)


app, _ = app_at(os.environ.get(BROKER, ""))  # what the worker's command imports


class WithCelery:
    """One thread and one connection for each producer, or none of the former where one producer is all."""

    def __init__(self, broker: str) -> None:
        self.name = f"Celery on {'RabbitMQ' if broker.startswith('amqp') else 'Redis'}"
        self._broker = broker
        self._connections: list[Any] = []
        self._app, self._task = app_at(broker)

    async def open(self, place: Place) -> None:
        self._connections = [psycopg.connect(place.url(), autocommit=True) for _ in range(place.at_once)]
        self._connections[0].execute(ORDERS)

    def worker(self) -> tuple[Sequence[str], Mapping[str, str]]:
        options = ("--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING")
        return ("celery", "--app", "benchmarks.queues.celery", "worker", *options), {BROKER: self._broker}

    async def produce(self, numbers: range) -> None:
        waiting, first = iter(numbers), self._connections[0]
        if len(self._connections) == 1:
            self._produce(first, waiting)
            return
        await asyncio.gather(*(asyncio.to_thread(self._produce, each, waiting) for each in self._connections))

    async def unfinished(self) -> int:
        """Return what waits in the broker: what was delivered and is not yet acknowledged is not counted."""
        with self._app.connection_for_read() as connection:
            queue = connection.default_channel.queue_declare("celery", durable=True, auto_delete=False)
            return int(queue.message_count)

    async def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._app.close()

    def _produce(self, connection: Any, numbers: Iterator[int]) -> None:
        for number in numbers:
            with connection.transaction():
                connection.execute("insert into orders (id, note) values (%s, %s)", (number, "paid"))
            self._task.delay(number)
