"""The log in memory."""


class MemoryLogger:
    """Records in a list, each with its event and level."""

    def __init__(self) -> None:
        self.records: list[dict[str, object]] = []

    def debug(self, event: str, /, **fields: object) -> None:
        """See `Logger`."""
        self._keep("debug", event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        """See `Logger`."""
        self._keep("info", event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """See `Logger`."""
        self._keep("warning", event, fields)

    def error(self, event: str, /, **fields: object) -> None:
        """See `Logger`."""
        self._keep("error", event, fields)

    def _keep(self, level: str, event: str, fields: dict[str, object]) -> None:
        self.records.append({"event": event, "level": level, **fields})
