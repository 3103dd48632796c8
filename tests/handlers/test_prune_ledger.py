from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from adapters.memory.housekeeping import MemoryHousekeeping
from adapters.memory.store import Change
from handlers import prune_ledger
from handlers.prune_ledger import PruneLedger
from ports.action import Caller
from ports.background import Later
from ports.housekeeping import Cleared, Pruned, Retention
from ports.ledger import Entry
from service.testing import Trial
from tests.handlers.ledger import recorded
from tests.library import SPACE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(days=31), NOW - timedelta(days=29)
A_MONTH = Retention(key_hours=24, ledger_days=30)


def trial(*entries: Entry, kept: Retention = A_MONTH) -> Trial:
    pruned = Trial(SPACE, caller=Caller(actor="operator"), at=NOW)
    pruned.store.entries += entries
    pruned.place(housekeeping=MemoryHousekeeping(pruned.store, kept))
    return pruned


def old(number: int, *, finished_at: datetime | None = OLD, **fields: Any) -> Entry:
    return recorded(number, submitted_at=OLD, finished_at=finished_at, **fields)


def left(pruned: Trial) -> list[int]:
    return [entry.id.int - 1000 for entry in pruned.store.entries if entry.action == "create_kit"]


async def test_what_ended_longer_ago_than_it_is_kept_goes() -> None:
    pruned = trial(old(1), old(2, finished_at=YOUNG), old(3, state="rejected", problem='{"code": "kit_name_taken"}'))

    assert await pruned.run(PruneLedger) == Cleared(count=2, continued_by=None)
    assert left(pruned) == [2]


async def test_nothing_goes_unless_the_settings_say_so() -> None:
    pruned = trial(old(1), kept=Retention(key_hours=24))

    assert await pruned.run(PruneLedger) == Cleared(count=0, continued_by=None)
    assert left(pruned) == [1]


async def test_what_changed_something_stays_for_as_long_as_its_changes() -> None:
    change = Change(execution_id=old(1).id, before=None, after=SPACE)
    for kept, count in ((A_MONTH, 0), (Retention(key_hours=24, history_days=30), 1)):
        pruned = trial(old(1), kept=kept)
        pruned.store.changes.append(change)

        assert (await pruned.run(PruneLedger)).count == count
        assert pruned.store.changes == [change][count:]


@pytest.mark.parametrize(
    "referring",
    [
        {"parent_id": UUID(int=1001)},
        {"later": Later(retry_of=UUID(int=1001))},
        {"later": Later(follows=[UUID(int=1001)])},
    ],
    ids=["what it ran", "what repeats it", "what follows it"],
)
async def test_what_others_refer_to_goes_after_these(referring: Mapping[str, Any]) -> None:
    pruned = trial(old(1), old(2, **referring))

    assert (await pruned.run(PruneLedger)).count == 1
    assert left(pruned) == [1]
    assert (await pruned.run(PruneLedger)).count == 1


@pytest.mark.parametrize("state", ["queued", "running"])
async def test_what_has_not_ended_stays(state: str) -> None:
    pruned = trial(old(1, state=state, finished_at=None))

    assert (await pruned.run(PruneLedger)).count == 0


async def test_what_holds_an_idempotency_key_stays() -> None:
    pruned = trial(old(1, key="key", fingerprint=b"fingerprint"))

    assert (await pruned.run(PruneLedger)).count == 0


class Long:
    """A ledger with no end, of which half is old enough."""

    async def prune(self, *, at: datetime, after: UUID | None, limit: int) -> Pruned:
        first = after.int if after else 0
        return Pruned(removed=limit // 2, cursor=UUID(int=first + limit))


async def test_another_execution_goes_on_where_this_one_ended() -> None:
    pruned = trial()
    pruned.place(housekeeping=Long())

    first = await pruned.run(PruneLedger)

    (queued,) = pruned.enqueued
    assert first == Cleared(count=prune_ledger.BATCH, continued_by=queued.id)
    assert (queued.name, queued.arguments) == ("prune_ledger", {"after": str(UUID(int=2 * prune_ledger.BATCH))})


class Kept:
    """A ledger with no end, of which nothing may go."""

    async def prune(self, *, at: datetime, after: UUID | None, limit: int) -> Pruned:
        return Pruned(removed=0, cursor=UUID(int=(after.int if after else 0) + limit))


async def test_it_reads_only_so_much_at_once() -> None:
    pruned = trial()
    pruned.place(housekeeping=Kept())

    assert (await pruned.run(PruneLedger)).count == 0
    assert [each.arguments for each in pruned.enqueued] == [{"after": str(UUID(int=prune_ledger.MOST_READ))}]


def test_it_is_for_operators_and_runs_at_night() -> None:
    assert PruneLedger.operator
    assert PruneLedger.schedule is not None
    assert PruneLedger.schedule.next_after(NOW) == NOW + timedelta(hours=3, minutes=30)
