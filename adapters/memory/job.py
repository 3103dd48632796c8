"""Executions in the background, as rows of the ledger in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from pydantic_core import from_json, to_jsonable_python

from ports.background import Later
from ports.ledger import OPEN, Entry
from ports.work import Ending


@dataclass(frozen=True, kw_only=True)
class Job(Entry):
    """A row with what there is to know of an execution in the background; `failures` are the attempts that failed.

    It `waits_for` so many of those that it follows. Its `priority` is the one it has, whoever set that.
    """

    run_at: datetime
    attempt: int = 0
    claim: int = 0
    waits_for: int = 0
    worker_id: UUID | None = None
    started_at: datetime | None = None
    lease_until: datetime | None = None
    cancel_requested_at: datetime | None = None
    progress: str | None = None
    failures: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, entry: Entry, *, now: datetime, waits_for: int) -> Self:
        """Return the row of an execution that is to be queued."""
        later = entry.later or Later()
        priority = entry.priority if later.priority is None else later.priority
        run_at = (later.at or now) + timedelta(seconds=later.delay)
        return cls(**vars(entry) | {"run_at": run_at, "priority": priority, "waits_for": waits_for})

    @property
    def follows(self) -> tuple[UUID, ...]:
        """Those that are to succeed first."""
        return tuple(self.later.follows) if self.later else ()

    @property
    def is_open(self) -> bool:
        """Whether it waits, or runs."""
        return self.state in OPEN

    @property
    def is_ready(self) -> bool:
        """Whether it waits, and for nothing but its time and a worker."""
        return self.state == "queued" and self.waits_for == 0

    def claimed(self, *, worker: UUID, now: datetime, lease: float) -> Self:
        """Return it as a worker has it."""
        waited = self.unique_key and self.unique_key.startswith("waiting:")
        return replace(
            self,
            state="running",
            attempt=self.attempt + 1,
            claim=self.claim + 1,
            worker_id=worker,
            progress=None,
            started_at=now,
            lease_until=now + timedelta(seconds=lease),
            unique_key=None if waited else self.unique_key,
        )

    def ended(self, ending: Ending, *, now: datetime) -> Self:
        """Return it with what became of it."""
        return replace(
            self,
            state=ending.state,
            output=ending.output,
            problem=ending.problem,
            space_id=self.space_id or ending.space_id,
            finished_at=now,
            lease_until=None,
            cancel_requested_at=(self.cancel_requested_at or now) if ending.state == "cancelled" else None,
        )

    def again(self, ending: Ending, *, now: datetime) -> Self:
        """Return it as it waits for another attempt."""
        problem = from_json(ending.problem) if ending.problem else None
        failure = {"attempt": self.attempt, "started_at": self.started_at, "ended_at": now, "problem": problem}
        run_at, failures = now + timedelta(seconds=ending.wait), (*self.failures, to_jsonable_python(failure))
        return replace(self, state="queued", run_at=run_at, lease_until=None, failures=failures)
