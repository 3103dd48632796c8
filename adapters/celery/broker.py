"""Celery's broker as the queue's: a task for each execution, published by a thread of its own."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from adapters.celery.app import TASK, celery_app, is_redis, level_of, queue_of
from ports.broker import BrokerUnavailable, Waiting

PUBLISH_SECONDS = 10
CONFIRMED = {"confirm_publish": True, "read_timeout": PUBLISH_SECONDS, "write_timeout": PUBLISH_SECONDS}
ANSWERED = {"socket_timeout": PUBLISH_SECONDS, "socket_connect_timeout": PUBLISH_SECONDS}


class CeleryBroker:
    """One connection to the broker, made when there is something to send, and made anew after a failure."""

    def __init__(self, url: str) -> None:
        self._redis = is_redis(url)
        self._app = celery_app(url, redelivered_after=0)
        self._app.conf.broker_transport_options |= ANSWERED if self._redis else CONFIRMED
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="celery")
        self._connection: Any = None
        self._producer: Any = None

    async def send(self, waiting: Sequence[Waiting]) -> None:
        """See `Broker`."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._send, waiting)

    async def close(self) -> None:
        """See `Broker`."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _send(self, waiting: Sequence[Waiting]) -> None:
        try:
            if self._producer is None:
                self._connect()
            for each in waiting:
                self._publish(each)
        except Exception as error:  # each transport has its own, and what was not confirmed is sent again
            self._disconnect()
            raise BrokerUnavailable from error

    def _connect(self) -> None:
        self._connection = self._app.connection_for_write()
        self._connection.connect()
        self._producer = self._app.amqp.Producer(self._connection.channel(), auto_declare=False)

    def _publish(self, waiting: Waiting) -> None:
        self._app.send_task(
            TASK,
            (str(waiting.id),),
            producer=self._producer,
            queue=queue_of(waiting.queue),
            priority=level_of(waiting.priority, redis=self._redis),
            retry=False,
            mandatory=True,  # a queue that somebody has deleted is an error, not a loss
            timeout=PUBLISH_SECONDS,
            confirm_timeout=PUBLISH_SECONDS,
        )

    def _disconnect(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.release()
