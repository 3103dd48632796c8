"""What a handler and a caller may say of how an action is run in the background."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from ports.background import ClaimLost, Later, Retry, WorkerLost
from ports.library import KitNameTaken
from ports.unit_of_work import Contended

ANOTHER = UUID(int=1)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"at": datetime(2026, 1, 1)}, "without its zone"),  # noqa: DTZ001 - the mistake that is tried
        ({"at": datetime(9_900, 1, 1, tzinfo=UTC)}, "`at` is in the year 9900"),
        ({"at": datetime(1, 1, 1, tzinfo=UTC)}, "`at` is in the year 1; it is from 1970 to 9899"),
        ({"delay": -1}, "`delay` is -1"),
        ({"delay": float("nan")}, "`delay` is nan"),
        ({"delay": float("inf")}, "`delay` is inf"),
        ({"priority": 32_768}, "`priority` is 32768"),
        ({"priority": -32_768}, "`priority` is -32768"),
        ({"priority": float("nan")}, "`priority` is nan"),
        ({"output_as": "name"}, "follows others"),
    ],
)
def test_a_wish_that_cannot_be_is_said_at_once(wishes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Later(**wishes)


def test_wishes_that_can_be_are_kept() -> None:
    later = Later(priority=-32_767, follows=[ANOTHER], output_as="name", delay=0)

    assert (later.priority, later.follows, later.output_as) == (-32_767, [ANOTHER], "name")


def test_the_waits_grow_to_the_longest_each_give_or_take_a_quarter() -> None:
    retry = Retry(first=2, factor=3, most=20)

    for attempt, seconds in ((1, 2), (2, 6), (3, 18), (4, 20), (10_000, 20)):
        waits = [retry.wait(attempt) for _ in range(200)]
        assert seconds * 0.75 <= min(waits) < seconds * 0.9
        assert seconds * 1.1 < max(waits) <= seconds * 1.25


def test_what_heals_is_what_is_retryable_or_named() -> None:
    assert [Retry().heals(problem) for problem in (Contended(), WorkerLost(), ClaimLost())] == [True] * 3
    assert not Retry().heals(KitNameTaken(name="Red"))
    assert Retry(on=(KitNameTaken,)).heals(KitNameTaken(name="Red"))
