"""Housekeeping: what is kept no longer than it is of use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from ports.sharing import Share


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long things are kept, by the settings: an idempotency key, what changed nothing, and what changed something.

    0 days are for ever.
    """

    key_hours: int
    ledger_days: int = 0
    history_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """How many executions were removed, and where to go on: None after the last one that is old enough."""

    removed: int
    cursor: UUID | None


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """How many are gone, and the execution that goes on with the rest, if there may be some."""

    count: int
    continued_by: UUID | None


class Housekeeping(Protocol):
    """What has had its time, in all spaces at once: it knows nothing of permissions. `at` is the present time."""

    async def ended_shares(self, *, before: datetime, limit: int) -> list[Share]:
        """Return some of the links that expired or were revoked before that time."""
        ...

    async def release_keys(self, *, at: datetime, limit: int) -> int:
        """Take their idempotency keys from some executions for which these have expired; return from how many."""
        ...

    async def prune(self, *, at: datetime, after: UUID | None, limit: int) -> Pruned:
        """Look at so many executions in the order of their ids, and remove those kept for long enough since they ended.

        What has changes goes with these. What still holds an idempotency key, or others refer to, stays: what it ran,
        what repeats or follows it, and the timetable.
        """
        ...
