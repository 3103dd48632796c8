"""A savepoint that is set only when there is something to undo."""

from typing import Any


class Savepoint:
    """Costs nothing until it is set: an action that enqueues another one mostly asks the database nothing meanwhile."""

    def __init__(self, number: int) -> None:
        self._name = f"savepoint_{number}"
        self._driver: Any = None

    async def set(self, driver: Any) -> None:
        """Set it, unless it is."""
        if self._driver is None:
            await driver.execute(f"savepoint {self._name}")
            self._driver = driver

    async def undo(self) -> None:
        """Undo what was done since it was set."""
        if self._driver is not None:
            await self._driver.execute(f"rollback to savepoint {self._name}")

    async def release(self) -> None:
        """Keep what was done since it was set, as part of what is around it."""
        if self._driver is not None:
            await self._driver.execute(f"release savepoint {self._name}")
