"""A savepoint that is set only when there is something to undo."""

from typing import Any


class Savepoint:
    """Costs nothing until it is set: an action that enqueues another one mostly asks the database nothing meanwhile."""

    def __init__(self) -> None:
        self._transaction: Any = None

    async def set(self, driver: Any) -> None:
        """Set it, unless it is."""
        if self._transaction is None:
            transaction = driver.transaction()
            await transaction.start()
            self._transaction = transaction

    async def undo(self) -> None:
        """Undo what was done since it was set."""
        if self._transaction is not None:
            await self._transaction.rollback()

    async def release(self) -> None:
        """Keep what was done since it was set, as part of what is around it."""
        if self._transaction is not None:
            await self._transaction.commit()
