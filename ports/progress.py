"""How far an action has come."""

from typing import Protocol


class Progress(Protocol):
    """Reports that somebody may watch; cheap enough to call in a loop."""

    def report(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """Say that `done` of `total` steps are done."""
        ...
