"""The work list in memory."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from adapters.memory.job import Job
from adapters.memory.store import MemoryStore
from ports.work import Claimed, Held, Known, StopReason


class MemoryWork:
    """Rows that are queued or running; each call is done at once, so no other comes between."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def claim(
        self, known: Sequence[Known], *, worker: UUID, lease: float, most: int, only: UUID | None = None
    ) -> list[Claimed]:
        """See `Work`."""
        now, store = self._store.clock(), self._store.beside()
        limits = {each.action: each.concurrency for each in known}
        running = Counter(job.action for job in self._jobs() if job.state == "running")
        taken: list[Claimed] = []
        for job in sorted(self._due(limits), key=lambda job: (-job.priority, job.run_at, job.id)):
            limit = limits[job.action]
            if only in (None, job.id) and len(taken) < most and (limit is None or running[job.action] < limit):
                claimed = job.claimed(worker=worker, now=now, lease=lease)
                store.rewrite(job, claimed)
                running[job.action] += 1
                taken.append(_claimed(claimed))
        store.end()
        return taken

    async def beat(self, held: Sequence[Held], *, lease: float | None) -> Mapping[tuple[UUID, int], StopReason]:
        """See `Work`."""
        stops: dict[tuple[UUID, int], StopReason] = {}
        store = self._store.beside()
        for each in held:
            job = self._store.entry(each.id)
            if not isinstance(job, Job) or job.claim != each.claim or job.state == "queued":
                stops[each.id, each.claim] = "lost"
            elif job.state == "running":
                if not store.is_held_elsewhere(job.id):
                    store.rewrite(job, self._heard_of(job, each, lease))
                if job.cancel_requested_at:
                    stops[each.id, each.claim] = "cancelled"
        store.end()
        return stops

    async def succeed(self, held: Held, *, output: str) -> bool:  # noqa: ARG002 - the port's
        """See `Work`: in memory, a transaction costs nothing that could be saved."""
        return False

    async def give_back(self, held: Sequence[Held]) -> None:
        """See `Work`."""
        store = self._store.beside()
        for each in held:
            await store.lock(each.id)
            job = store.entry(each.id)
            if isinstance(job, Job) and (job.state, job.claim) == ("running", each.claim):
                store.rewrite(job, replace(job, state="queued", attempt=job.attempt - 1, lease_until=None))
        store.end()

    async def listen(self, hear: Callable[[], None]) -> None:
        """See `Work`."""
        self._store.listens.append(hear)
        try:
            hear()
            await asyncio.Event().wait()
        finally:
            self._store.listens.remove(hear)

    def _jobs(self) -> list[Job]:
        return [entry for entry in self._store.entries if isinstance(entry, Job)]

    def _due(self, known: Mapping[str, int | None]) -> list[Job]:
        now, locks = self._store.clock(), self._store.locks
        waiting = (job for job in self._jobs() if job.is_ready and job.run_at <= now)
        return [job for job in waiting if job.action in known and job.id not in locks]

    def _heard_of(self, job: Job, held: Held, lease: float | None) -> Job:
        until = job.lease_until if lease is None else self._store.clock() + timedelta(seconds=lease)
        return replace(job, lease_until=until, progress=held.progress or job.progress)


def _claimed(job: Job) -> Claimed:
    assert job.started_at is not None  # noqa: S101 - it has just been claimed
    names = ("id", "action", "caller", "arguments", "attempt", "claim", "trace_id")
    return Claimed(started_at=job.started_at, **{name: getattr(job, name) for name in names})
