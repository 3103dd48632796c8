"""The record of workers in memory."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from adapters.memory.store import MemoryStore
from ports.workers import WorkerRecord

REMEMBERED = timedelta(days=1)


class MemoryWorkers:
    """Workers in a dictionary of the store; no rollback forgets one."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def see(self, worker: WorkerRecord) -> None:
        """See `Workers`."""
        now, known = self._store.clock(), self._store.workers.get(worker.id)
        seen = replace(known or replace(worker, started_at=now), seen_at=now)
        self._store.workers[worker.id] = replace(seen, running=worker.running, stopping=worker.stopping)

    async def leave(self, worker: UUID) -> None:
        """See `Workers`."""
        for gone in {*self._store.workers} - {each.id for each in self._heard_of()} | {worker}:
            self._store.workers.pop(gone, None)

    async def all(self) -> list[WorkerRecord]:
        """See `Workers`."""
        return sorted(self._heard_of(), key=lambda each: (-each.started_at.timestamp(), each.id))

    def _heard_of(self) -> list[WorkerRecord]:
        since = self._store.clock() - REMEMBERED
        return [each for each in self._store.workers.values() if each.seen_at > since]
