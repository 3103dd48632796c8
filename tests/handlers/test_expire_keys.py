from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.expire_keys import BATCH, ExpireKeys
from ports.action import Caller
from ports.housekeeping import Cleared
from service.testing import Trial
from tests.handlers.ledger import recorded

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ALONE = Cleared(count=0, continued_by=None)
KEYED: dict[str, Any] = {"key": "key", "fingerprint": b"fingerprint"}


def trial(*submitted: datetime) -> Trial:
    """A ledger of executions that were submitted at these times, each with a key that is good for a day."""
    expired = Trial(caller=Caller(actor="operator"), at=NOW)
    expired.store.entries += [recorded(n, submitted_at=at, **KEYED) for n, at in enumerate(submitted)]
    return expired


def keys(expired: Trial) -> list[str | None]:
    return [entry.key for entry in expired.store.entries if entry.action == "create_kit"]


async def test_a_key_goes_when_it_has_expired_and_the_execution_stays() -> None:
    expired = trial(NOW - timedelta(hours=25), NOW - timedelta(hours=23))

    assert await expired.run(ExpireKeys) == Cleared(count=1, continued_by=None)
    assert keys(expired) == [None, "key"]
    assert await expired.run(ExpireKeys) == ALONE


async def test_another_execution_goes_on_where_there_are_many() -> None:
    expired = trial(*[NOW - timedelta(days=2)] * (BATCH + 1))

    first = await expired.run(ExpireKeys)

    assert (first.count, keys(expired).count("key")) == (BATCH, 1)
    assert [(each.id, each.name, each.arguments) for each in expired.enqueued] == [
        (first.continued_by, "expire_keys", {})
    ]
    assert await expired.run_enqueued(ExpireKeys) == [Cleared(count=1, continued_by=None)]


def test_it_is_for_operators_and_runs_at_night() -> None:
    assert ExpireKeys.operator
    assert ExpireKeys.schedule is not None
    assert ExpireKeys.schedule.next_after(NOW) == NOW + timedelta(hours=3, minutes=20)
