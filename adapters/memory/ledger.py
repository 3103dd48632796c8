"""The ledger in memory."""

from adapters.memory.store import MemoryStore
from ports.ledger import Entry, IdempotencyKeyInUse, Stored


class MemoryLedger:
    """Executions in a list."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def claim(self, *, actor: str, action: str, key: str) -> Stored | None:
        """See `Ledger`."""
        held = (actor, action, key)
        if held in self._store.held_keys:
            raise IdempotencyKeyInUse
        self._store.held_keys.add(held)
        for entry in self._store.entries:
            if (entry.caller.actor, entry.action, entry.key) == held and entry.fingerprint is not None:
                return Stored(id=entry.id, fingerprint=entry.fingerprint, output=entry.output, problem=entry.problem)
        return None

    async def write(self, entry: Entry) -> None:
        """See `Ledger`."""
        self._store.entries.append(entry)
        self._store.undo.append(self._store.entries.pop)
