"""Locks on rows in memory, as a transaction of a database holds them until it ends."""

import asyncio
from uuid import UUID


class RowLocks:
    """Which rows are held by a transaction; one set of them is shared by all transactions of a store."""

    def __init__(self) -> None:
        self._freed: dict[UUID, asyncio.Event] = {}

    def __contains__(self, id: UUID) -> bool:
        """Return whether a transaction holds the row."""
        return id in self._freed

    async def freed(self, id: UUID) -> None:
        """Return once no transaction holds the row."""
        while (other := self._freed.get(id)) is not None:
            await other.wait()

    def take(self, id: UUID) -> None:
        """Hold a row that nobody holds."""
        self._freed[id] = asyncio.Event()

    def free(self, id: UUID) -> None:
        """Let others have the row."""
        self._freed.pop(id).set()
