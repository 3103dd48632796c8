"""Deprecation: how an action is taken from its callers, with time for them to leave it."""

from dataclasses import dataclass
from datetime import date, timedelta

SHORTEST = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Deprecated:
    """That an action is deprecated since a day, may be gone from `sunset` on, and what to use instead.

    Callers have at least 90 days. Until then it does what it did.
    """

    since: date
    sunset: date
    instead: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a period that is too short."""
        if self.sunset - self.since < SHORTEST:
            raise ValueError(f"sunset is at least {SHORTEST.days} days after since: callers need the time")
