"""Housekeeping in memory."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from adapters.memory.store import MemoryStore
from ports.background import Later
from ports.housekeeping import Pruned, Retention
from ports.ledger import Entry
from ports.sharing import Share

FINAL = ("succeeded", "rejected", "failed", "cancelled")


class MemoryHousekeeping:
    """What has had its time in a store; a row that another transaction holds has not."""

    def __init__(self, store: MemoryStore, retention: Retention) -> None:
        self._store, self._retention = store, retention

    async def ended_shares(self, *, before: datetime, limit: int) -> list[Share]:
        """See `Housekeeping`."""
        shares: list[Share] = [*self._store.of(Share).values()]
        ended = [share for share in shares if any(at and at < before for at in (share.expires_at, share.revoked_at))]
        return sorted(ended, key=lambda share: share.id)[:limit]

    async def release_keys(self, *, at: datetime, limit: int) -> int:
        """See `Housekeeping`."""
        before = at - timedelta(hours=self._retention.key_hours)
        free = [entry for entry in self._store.entries if not self._store.is_held_elsewhere(entry.id)]
        expired = [entry for entry in free if entry.key is not None and entry.submitted_at < before]
        for entry in expired[:limit]:
            self._store.hold(entry.id)
            self._store.rewrite(entry, replace(entry, key=None, fingerprint=None))
        return len(expired[:limit])

    async def prune(self, *, at: datetime, after: UUID | None, limit: int) -> Pruned:
        """See `Housekeeping`."""
        prunes = self._retention.ledger_days or self._retention.history_days
        entries = sorted((e for e in self._store.entries if not after or e.id > after), key=lambda entry: entry.id)
        seen = entries[:limit] if prunes else []
        referred = self._referred_to()
        old = [entry for entry in seen if entry.id not in referred and self._is_old(entry, at)]
        for entry in old:
            for change in [change for change in self._store.changes if change.execution_id == entry.id]:
                self._store.rewrite(change, None)
            self._store.hold(entry.id)
            self._store.rewrite(entry, None)
        return Pruned(removed=len(old), cursor=seen[-1].id if len(seen) == limit else None)

    def _is_old(self, entry: Entry, at: datetime) -> bool:
        has_changes = any(change.execution_id == entry.id for change in self._store.changes)
        days = self._retention.history_days if has_changes else self._retention.ledger_days
        free = entry.key is None and not self._store.is_held_elsewhere(entry.id)
        ended = entry.finished_at if entry.state in FINAL and free else None
        return bool(days and ended and ended < at - timedelta(days=days))

    def _referred_to(self) -> set[UUID | None]:
        entries, timings = self._store.entries, self._store.timings.values()
        later = [entry.later or Later() for entry in entries]
        return {
            *(entry.parent_id for entry in entries),
            *(each.retry_of for each in later),
            *(followed for each in later for followed in each.follows),
            *(timing.last_execution_id for timing in timings),
        }
