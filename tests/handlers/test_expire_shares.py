from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from handlers.expire_shares import BATCH, ExpireShares
from ports.action import Caller
from ports.argument import InvalidArguments
from ports.housekeeping import Cleared
from ports.library import Kit
from ports.sharing import Share, hash_of
from service.testing import Trial
from tests.library import KIT, SPACE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LONG_AGO, LATELY = NOW - timedelta(days=31), NOW - timedelta(days=29)
FOR_EVER = Share(id=UUID(int=80), space_id=SPACE.id, kit_id=KIT.id, shared_by="ada", token_hash=hash_of("a"))
EXPIRED = replace(FOR_EVER, id=UUID(int=81), token_hash=hash_of("b"), expires_at=LONG_AGO)
REVOKED = replace(FOR_EVER, id=UUID(int=82), token_hash=hash_of("c"), revoked_at=LONG_AGO)
STILL_TOLD = [
    replace(FOR_EVER, id=UUID(int=83), token_hash=hash_of("d"), expires_at=LATELY),
    replace(FOR_EVER, id=UUID(int=84), token_hash=hash_of("e"), revoked_at=LATELY),
    replace(FOR_EVER, id=UUID(int=85), token_hash=hash_of("f"), expires_at=NOW + timedelta(days=1)),
]
ALONE = Cleared(count=0, continued_by=None)


def trial(*shares: Share) -> Trial:
    return Trial(SPACE, KIT, *shares, caller=Caller(actor="operator"), at=NOW)


async def left(expired: Trial) -> list[Share]:
    return (await expired.repo.find(Share)).items


async def test_what_expired_or_was_revoked_long_ago_goes() -> None:
    expired = trial(EXPIRED, REVOKED)

    assert await expired.run(ExpireShares) == replace(ALONE, count=2)
    assert await left(expired) == []


async def test_what_is_valid_or_ended_lately_stays() -> None:
    expired = trial(FOR_EVER, *STILL_TOLD)

    assert await expired.run(ExpireShares) == ALONE
    assert await left(expired) == [FOR_EVER, *STILL_TOLD]


async def test_how_long_ago_can_be_said() -> None:
    expired = trial(*STILL_TOLD)

    assert (await expired.run(ExpireShares, older_than_days=28)).count == 2
    assert await left(expired) == STILL_TOLD[2:]
    with pytest.raises(InvalidArguments):
        await expired.run(ExpireShares, older_than_days=0)


async def test_the_history_tells_what_went_and_the_kit_stays() -> None:
    expired = trial(EXPIRED)

    await expired.run(ExpireShares)

    assert expired.changes() == [(EXPIRED, None)]
    assert await expired.repo.count(Kit) == 1


async def test_another_execution_goes_on_where_there_are_many() -> None:
    many = [replace(EXPIRED, id=UUID(int=1000 + n), token_hash=hash_of(str(n))) for n in range(BATCH + 1)]
    expired = trial(*many)

    first = await expired.run(ExpireShares, older_than_days=7)

    assert (first.count, len(await left(expired))) == (BATCH, 1)
    (queued,) = expired.enqueued
    assert (queued.id, queued.name, queued.arguments) == (first.continued_by, "expire_shares", {"older_than_days": 7})
    assert await expired.run_enqueued(ExpireShares) == [replace(ALONE, count=1)]


def test_it_is_for_operators_and_runs_at_night() -> None:
    assert ExpireShares.operator
    assert ExpireShares.schedule is not None
    assert ExpireShares.schedule.next_after(NOW) == NOW + timedelta(hours=3, minutes=10)
