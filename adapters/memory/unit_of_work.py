"""The unit of work in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.memory.store import MemoryStore


class MemoryUnitOfWork:
    """Writes are made at once and undone on an exception: for one execution at a time, and those nested in it."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    @asynccontextmanager
    async def transaction(self, *, readonly: bool = False) -> AsyncIterator[None]:
        """See `UnitOfWork`; who writes where only reading is allowed gets a RuntimeError."""
        try:
            async with self.savepoint():
                yield
                if readonly and self._store.undo:
                    raise RuntimeError("An action that is readonly has written.")
        finally:
            self._store.undo.clear()
            self._store.held_keys.clear()

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """See `UnitOfWork`."""
        before = len(self._store.undo)
        try:
            yield
        except BaseException:
            while len(self._store.undo) > before:
                self._store.undo.pop()()
            raise
