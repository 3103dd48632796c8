"""The ledger in memory."""

from adapters.memory.store import MemoryStore
from ports.ledger import Entry, IdempotencyKeyInUse, Stored


class MemoryLedger:
    """Executions in a list."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def claim(self, *, actor: str, action: str, key: str) -> Stored | None:
        """See `Ledger`."""
        claimed = (actor, action, key)
        if claimed in self._store.keys - self._store.claimed:
            raise IdempotencyKeyInUse
        self._store.keys.add(claimed)
        self._store.claimed.add(claimed)
        for entry in self._store.entries:
            if (entry.caller.actor, entry.action, entry.key) == claimed and entry.fingerprint is not None:
                return Stored(
                    id=entry.id,
                    fingerprint=entry.fingerprint,
                    background=entry.later is not None,
                    output=entry.output,
                    problem=entry.problem,
                )
        return None

    async def write(self, entry: Entry) -> None:
        """See `Ledger`."""
        self._store.write(entry)
