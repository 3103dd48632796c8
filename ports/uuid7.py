"""UUIDs in the order of time: version 7 of RFC 9562, section 5.7."""

from datetime import UTC, datetime
from uuid import UUID

RANDOM_BITS = 74
_RAND_B_BITS = 62
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7(at: datetime, random: int) -> UUID:
    """Return the UUID of the millisecond `at` with `random`, a number of 74 bits."""
    milliseconds = int(at.timestamp() * 1000)
    rand_a, rand_b = random >> _RAND_B_BITS, random & ((1 << _RAND_B_BITS) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)


def first_of(at: datetime) -> UUID:
    """Return the first UUID of the millisecond `at`: what was made since then is not below it."""
    return uuid7(max(at, EPOCH), 0)
