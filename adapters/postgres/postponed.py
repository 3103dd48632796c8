"""What an execution puts in the queue, until the next statement: by itself each would be a round trip more."""

from collections.abc import Sequence
from typing import Any

from adapters.postgres.queue_statements import PUT


class Postponed:
    """Rows for `PUT`, of what nothing is asked about. They go with the row of their execution, or before all else."""

    def __init__(self) -> None:
        self._rows: list[Sequence[object]] = []

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._rows)

    def add(self, row: Sequence[object]) -> None:
        """Have it put."""
        self._rows.append(row)

    def forget(self) -> None:
        """Have none of them put: they are undone."""
        self._rows.clear()

    def take_one(self) -> Sequence[object]:
        """Return the only one, for who puts it with a row of theirs; nothing if there is none, or several."""
        return self._rows.pop() if len(self._rows) == 1 else ()

    async def put(self, driver: Any) -> None:
        """Put them, in one round trip."""
        rows, self._rows = self._rows, []
        await driver.executemany(PUT, rows)
