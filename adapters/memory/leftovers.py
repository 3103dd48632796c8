"""Leftovers in memory."""

from collections.abc import Collection
from datetime import datetime

from adapters.memory.store import MemoryStore
from ports.library import Asset, Upload


class MemoryLeftovers:
    """Entities of a store that no other holds."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def uploads(self, *, before: datetime, limit: int) -> list[Upload]:
        """See `Leftovers`."""
        held = {asset.sha256 for asset in self._store.of(Asset).values()}
        old: list[Upload] = [each for each in self._store.of(Upload).values() if each.uploaded_at < before]
        return sorted((each for each in old if each.sha256 not in held), key=lambda each: each.uploaded_at)[:limit]

    async def unnamed(self, sha256s: Collection[str], /) -> set[str]:
        """See `Leftovers`."""
        named = {each.sha256 for kind in (Asset, Upload) for each in self._store.of(kind).values()}
        return set(sha256s) - named
