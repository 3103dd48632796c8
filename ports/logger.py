"""The log."""

from typing import Protocol


class Logger(Protocol):
    """Structured records: an event, by name, and its fields. It carries the execution's id by itself."""

    def debug(self, event: str, /, **fields: object) -> object:
        """Record what helps to find a mistake."""
        ...

    def info(self, event: str, /, **fields: object) -> object:
        """Record what happened as it should."""
        ...

    def warning(self, event: str, /, **fields: object) -> object:
        """Record what somebody should look at."""
        ...

    def error(self, event: str, /, **fields: object) -> object:
        """Record what failed; `exc_info` may be the exception."""
        ...
