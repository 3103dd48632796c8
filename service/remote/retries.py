"""When to try again, and how often: full jitter within a budget."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import uniform

FIRST_SECONDS, LONGEST_SECONDS = 0.25, 2.0
LONGEST_WAIT = 3_600.0


class Budget:
    """What may be spent on trying again, so that a service that is down is asked little more than one that is up.

    Each request earns `ratio` of a retry, and each second `per_second` of one, which counts where requests are few: but
    only once the service has answered, as one that is up does. No more than `most` are saved up. So a thousand calls of
    a service that is down cost at most a hundred requests more, and a single caller outlasts a restart.
    """

    def __init__(
        self,
        *,
        ratio: float = 0.09,
        per_second: float = 4.0,
        most: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ratio, self._per_second, self._most, self._clock = ratio, per_second, most, clock
        self._saved, self._answered_at = most, clock()

    def earn(self) -> None:
        """Count a request."""
        self._save(self._ratio)

    def spend(self) -> bool:
        """Return whether there may be a retry, and count it."""
        affordable = self._saved >= 1
        self._saved -= affordable
        return affordable

    def answered(self) -> None:
        """Count an answer, after which trying again cannot help."""
        now = self._clock()
        self._save((now - self._answered_at) * self._per_second)
        self._answered_at = now

    def _save(self, retries: float) -> None:
        self._saved = min(self._most, self._saved + retries)


def backoff(attempt: int) -> float:
    """Return seconds to wait after that many attempts: any time up to twice as long as before, 2 s at most."""
    return uniform(0, min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt, 10)))  # noqa: S311 - no secret


def seconds_of(retry_after: str | None) -> float:
    """Return how many seconds a `Retry-After` (RFC 9110, section 10.2.3) says to wait: 0 if it says nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), LONGEST_WAIT)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    left = (then if then.tzinfo else then.replace(tzinfo=UTC)) - datetime.now(UTC)
    return max(0.0, min(left.total_seconds(), LONGEST_WAIT))
