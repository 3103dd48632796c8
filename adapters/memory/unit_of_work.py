"""The unit of work in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.memory.store import MemoryStore


class MemoryUnitOfWork:
    """Writes are made at once and undone on an exception: for one execution at a time, and those nested in it.

    Another at the same time takes `store.beside()`. Nothing keeps the two apart: each sees what the other wrote.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @asynccontextmanager
    async def transaction(self, *, readonly: bool = False, keep: bool = True) -> AsyncIterator[None]:
        """See `UnitOfWork`; who writes where only reading is allowed gets a RuntimeError."""
        self._store.end()
        self._store.readonly = readonly
        try:
            async with self.savepoint():
                yield
            if not keep:
                self._store.undo(to=0)
        finally:
            self._store.end()

    @property
    def opened(self) -> bool:
        """See `UnitOfWork`."""
        return bool(self._store.written)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """See `UnitOfWork`."""
        before = len(self._store.written)
        try:
            yield
        except BaseException:
            self._store.undo(to=before)
            raise
