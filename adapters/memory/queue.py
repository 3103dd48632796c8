"""The queue in memory."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from pydantic_core import from_json, to_json

from adapters.memory.job import Job
from adapters.memory.store import MemoryStore
from ports.actions import ExecutionCancelled
from ports.background import ClaimLost, Later, PredecessorFailed, UnknownPredecessor
from ports.ledger import OPEN, Entry, State
from ports.repo import EntityNotFound
from ports.work import Ending, Lost


class MemoryQueue:
    """Rows in a list; each that a transaction has written is held by it, so that no worker takes it before the end."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def put(self, entry: Entry) -> UUID:
        """See `Queue`."""
        follows = (entry.later or Later()).follows
        still_open = await self._followed(follows)
        while same := self._same(entry.unique_key):
            if not self._store.is_held_elsewhere(same.id):
                return same.id
            await self._store.locks.freed(same.id)
        job = Job.of(entry, now=self._store.clock(), waits_for=len(still_open))
        self._store.write(job)
        self._store.hold(job.id)
        if follows and not still_open:
            self._let_go(job)
        return job.id

    async def cancel(self, id: UUID, /) -> State:
        """See `Queue`."""
        await self._store.lock(id)
        found = self._store.entry(id)
        if found is None:
            raise EntityNotFound(kind="execution", id=id)
        if isinstance(found, Job) and found.state == "queued":
            document = ExecutionCancelled().document(execution_id=id, trace_id=found.trace_id)
            await self._end(found, Ending(state="cancelled", problem=_text(document)))
            return "cancelled"
        if isinstance(found, Job) and found.state == "running":
            asked_at = found.cancel_requested_at or self._store.clock()
            self._store.rewrite(found, replace(found, cancel_requested_at=asked_at))
        return found.state

    async def end(self, id: UUID, /, *, claim: int, ending: Ending) -> None:
        """See `Queue`."""
        await self._store.lock(id)
        job = self._store.entry(id)
        if not isinstance(job, Job) or (job.state, job.claim) != ("running", claim):
            raise ClaimLost
        if job.cancel_requested_at and ending.state != "cancelled":
            raise ClaimLost
        if ending.state == "queued":
            self._store.rewrite(job, job.again(ending, now=self._store.clock()))
        else:
            await self._end(job, ending)

    async def lost(self, *, most: int) -> list[Lost]:
        """See `Queue`."""
        now, store = self._store.clock(), self._store
        over = [
            (job.lease_until, job)
            for job in store.entries
            if isinstance(job, Job)
            and job.lease_until
            and job.lease_until < now
            and not store.is_held_elsewhere(job.id)
        ]
        found = [job for _, job in sorted(over, key=lambda each: each[0])[:most]]
        for job in found:
            store.hold(job.id)
        return [_lost(job) for job in found]

    def _same(self, unique_key: str | None) -> Job | None:
        same = (job for job in self._store.entries if unique_key and job.unique_key == unique_key)
        return next((job for job in same if isinstance(job, Job) and job.is_open), None)

    async def _followed(self, follows: Collection[UUID]) -> list[UUID]:
        """Return which of those that are to be followed have not ended; they cannot end before this transaction."""
        found = []
        for each in sorted({*follows}):
            await self._store.lock(each)
            if (entry := self._store.entry(each)) is None:
                raise UnknownPredecessor
            found.append(entry)
        return [entry.id for entry in found if entry.state in OPEN]

    async def _end(self, job: Job, ending: Ending) -> None:
        """End it, and those that end by that: chains may be of any length."""
        self._store.rewrite(job, job.ended(ending, now=self._store.clock()))
        ended = [job.id]
        for each_id in ended:
            waiting = [each.id for each in self._store.entries if isinstance(each, Job) and each_id in each.follows]
            for follower in sorted(waiting):
                await self._store.lock(follower)
                if self._is_ended_by_it(follower):
                    ended.append(follower)

    def _is_ended_by_it(self, id: UUID) -> bool:
        """Count down what an execution waits for, if it still does."""
        job = self._store.entry(id)
        if not isinstance(job, Job) or job.state != "queued":
            return False
        total, left = len(job.follows), job.waits_for - 1
        told = replace(job, waits_for=left, progress=_text({"total": total, "done": total - left}))
        self._store.rewrite(job, told)
        return left == 0 and self._let_go(told)

    def _let_go(self, job: Job) -> bool:
        """Give an execution the outputs of those it follows, or end it if one did not succeed; return whether."""
        followed = [entry for each in job.follows if (entry := self._store.entry(each))]
        if failed := next((entry.id for entry in followed if entry.state != "succeeded"), None):
            document = PredecessorFailed(predecessor=failed).document(execution_id=job.id, trace_id=job.trace_id)
            ending = Ending(state="rejected", problem=_text(document))
            self._store.rewrite(job, job.ended(ending, now=self._store.clock()))
            return True
        if job.later and job.later.output_as:
            outputs = [from_json(entry.output or "null") for entry in followed]
            value = outputs[0] if len(outputs) == 1 else outputs
            arguments = from_json(job.arguments) | {job.later.output_as: value}
            self._store.rewrite(job, replace(job, arguments=_text(arguments)))
        return False


def _lost(job: Job) -> Lost:
    cancelled = job.cancel_requested_at is not None
    names = ("id", "action", "attempt", "claim", "trace_id")
    return Lost(cancelled=cancelled, **{name: getattr(job, name) for name in names})


def _text(value: object) -> str:
    return to_json(value).decode()
