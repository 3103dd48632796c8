"""Progress in memory."""


class MemoryProgress:
    """Reports in a list, each as what is done and of how many."""

    def __init__(self) -> None:
        self.reports: list[tuple[int, int | None]] = []

    def report(self, done: int, *, total: int | None = None, note: str = "") -> None:  # noqa: ARG002 - the port's
        """See `Progress`."""
        self.reports.append((done, total))
