"""The record of workers in memory."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from ports.workers import WorkerRecord

LONGEST = timedelta(days=1)


class MemoryWorkers:
    """Workers in a dictionary, which is of no transaction; `clock` tells the time."""

    def __init__(self, *workers: WorkerRecord, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._workers = {worker.id: worker for worker in workers}

    async def see(self, worker: WorkerRecord) -> None:
        """See `Workers`."""
        now = self._clock()
        began = self._workers[worker.id].started_at if worker.id in self._workers else now
        self._workers[worker.id] = replace(worker, started_at=began, seen_at=now)

    async def leave(self, worker: UUID) -> None:
        """See `Workers`."""
        stay = (each for each in self._workers.values() if each.id != worker and self._is_recent(each))
        self._workers = {each.id: each for each in stay}

    async def all(self) -> list[WorkerRecord]:
        """See `Workers`."""
        recent = sorted(filter(self._is_recent, self._workers.values()), key=lambda worker: worker.id)
        return sorted(recent, key=lambda worker: worker.started_at, reverse=True)

    def _is_recent(self, worker: WorkerRecord) -> bool:
        return worker.seen_at > self._clock() - LONGEST
