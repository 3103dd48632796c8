"""A worker: takes what is queued, and runs it until it is told to stop."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from adapters.structlog.logger import unbound_log
from ports.action import Caller, Execution
from ports.unit_of_work import DatabaseUnavailable
from ports.work import Claimed, Known
from ports.workers import WorkerRecord
from service.background.attempts import bury_lost
from service.background.following import follow_changes
from service.background.holding import Holding
from service.background.queues import wanted_queues
from service.background.scheduling import follow_timetable
from service.composition import Adapters, Service

POLL_SECONDS = 0.5  # what becomes due by itself is found this late
BEAT_SECONDS = 0.1
RENEWALS = 3  # in the time of a lease
TOGETHER_SECONDS = 0.01  # for so long, work and room are left until there is some for several, by a worker at work
BUSY_CLAIMS = 10  # that found something, one after the other: from then on a worker looks, and does not listen


class Worker:
    """Runs `worker_executions` at once, at most; any number of workers share a database.

    Raise `Misconfigured` for queues that no action is in.
    """

    def __init__(self, service: Service) -> None:
        settings = service.settings
        self.id: UUID = uuid4()
        self._service, self._capacity, self._lease = service, settings.worker_executions, settings.lease_seconds
        self._queues = wanted_queues(settings, service.registry)
        self._known = [
            Known(action=name, concurrency=handler.concurrency)
            for name, handler in service.registry.all()
            if not handler.readonly and (not self._queues or handler.queue in self._queues)
        ]
        self._limited = any(known.concurrency is not None for known in self._known)
        self._holding = Holding(service, capacity=self._capacity, freed=self._room_made)
        self._news, self._more, self._stopping = asyncio.Event(), True, False
        self._renewed, self._claimed, self._began = 0.0, 0.0, datetime.now(UTC)
        self._found, self._hears = 0, False
        self._listening: asyncio.Task[None] | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set; then finish what has begun, within a limit, and give the rest back."""
        duties = [asyncio.create_task(duty) for duty in self._duties()]
        self._listen_unless_busy()
        claiming = asyncio.ensure_future(self._claim_until_stopped())
        try:
            await stopping.wait()
            self._stopping = True
            self._news.set()
            await claiming  # never cancelled: what it has just claimed would be nobody's until the lease ends
            await self._holding.drain(self._service.settings.shutdown_seconds)
        finally:
            duties += [self._listening] if self._listening else []
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)
            with suppress(DatabaseUnavailable):
                await self._leave()

    def _duties(self) -> Sequence[Coroutine[Any, Any, None]]:
        """Return what is done all the while, beside the work."""
        return (
            follow_timetable(self._service),
            follow_changes(self._service),
            self._each(BEAT_SECONDS, self._beat),
            self._each(POLL_SECONDS, self._tend),
        )

    async def _claim_until_stopped(self) -> None:
        while not self._stopping:
            self._news.clear()
            most = self._holding.free
            try:
                claimed = await self._claim(most)
            except DatabaseUnavailable:
                claimed = []
                await asyncio.sleep(POLL_SECONDS)
            for each in claimed:
                self._holding.start(each)
            if most:
                self._count_finds(found=bool(claimed))
            self._more = len(claimed) == most
            self._listen_unless_busy()
            if not self._stopping:
                await self._wait()

    async def _claim(self, most: int) -> list[Claimed]:
        if most < 1:
            return []
        return await self._service.work.claim(self._known, worker=self.id, lease=self._lease, most=most)

    def _count_finds(self, *, found: bool) -> None:
        """Count claims that found something, each as soon after the one before as it could be."""
        now = asyncio.get_running_loop().time()
        in_a_row = now < self._claimed + 2 * TOGETHER_SECONDS
        self._found = self._found + 1 if found and in_a_row else 0
        if found:
            self._claimed = now

    def _listen_unless_busy(self) -> None:
        """Listen, or hang up: who finds something whenever it looks would be woken for each, to learn nothing."""
        busy = self._found >= BUSY_CLAIMS
        if not busy and not self._hears:
            self._listening = asyncio.create_task(self._service.work.listen(self._news.set))
        elif busy and self._hears and self._listening:
            self._listening.cancel()
        self._hears = not busy

    async def _wait(self) -> None:
        """Wait until there is likely something to claim, and room for it."""
        if self._more and self._holding.free:
            return
        if self._more or self._hears:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._news.wait()
        if self._more and self._holding.free < self._capacity // 2:
            await asyncio.sleep(TOGETHER_SECONDS)
        elif not self._more:
            await asyncio.sleep(self._claimed + TOGETHER_SECONDS - asyncio.get_running_loop().time())

    def _room_made(self) -> None:
        if self._more or self._limited:  # of what is limited, another may run now
            self._news.set()

    async def _each(self, seconds: float, duty: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await duty()
            except DatabaseUnavailable:
                pass  # it is tried again soon
            except Exception as error:  # noqa: BLE001 - a worker outlives what goes wrong beside its work
                unbound_log().error("worker.duty_failed", worker_id=self.id, exc_info=error)
            await asyncio.sleep(seconds)

    async def _beat(self) -> None:
        now = asyncio.get_running_loop().time()
        due = now - self._renewed > self._lease / RENEWALS
        await self._holding.beat(lease=self._lease if due else None, older_than=BEAT_SECONDS)
        if due:
            self._renewed = now

    async def _tend(self) -> None:
        await bury_lost(self._service)
        await self._appear()

    async def _appear(self) -> None:
        async with (adapters := self._adapters()).unit_of_work.transaction():
            await adapters.workers.see(self._record())

    async def _leave(self) -> None:
        async with (adapters := self._adapters()).unit_of_work.transaction():
            await adapters.workers.leave(self.id)

    def _adapters(self) -> Adapters:
        return Adapters(self._service, Execution(caller=Caller(actor="worker"), at=datetime.now(UTC)))

    def _record(self) -> WorkerRecord:
        return WorkerRecord(
            id=self.id,
            host=socket.gethostname(),
            pid=os.getpid(),
            queues=self._queues,
            capacity=self._capacity,
            running=self._holding.running,
            stopping=self._stopping,
            started_at=self._began,
            seen_at=datetime.now(UTC),
        )
