"""What has had its time, in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from ports.background import Later
from ports.housekeeping import Pruned, Retention
from ports.ledger import Entry
from ports.schedule import Schedule
from ports.sharing import Share, hash_of
from service.database import Database, migrate, pruned_by
from service.settings import load_settings
from tests.adapters.storage import NOW, Storage, entry_of, keep
from tests.library import KIT, SPACE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOW + 40 * DAY
BOTH = Retention(key_hours=24, ledger_days=30, history_days=35)
SHARE = Share(id=UUID(int=80), space_id=SPACE.id, kit_id=KIT.id, shared_by="ada", token_hash=hash_of("a"))
EXPIRED = replace(SHARE, id=UUID(int=82), token_hash=hash_of("b"), expires_at=NOW)
REVOKED = replace(SHARE, id=UUID(int=81), token_hash=hash_of("c"), expires_at=NOW + 9 * DAY, revoked_at=NOW + HOUR)


@pytest.fixture(autouse=True)
async def _may_prune(emptied: Database) -> None:
    await migrate(emptied, pruned=pruned_by(load_settings(ledger_days=1, history_days=1)))


def entry(number: int, *, key: str | None = None, **fields: object) -> Entry:
    return replace(entry_of(UUID(int=1000 + number), key=key), **fields)  # type: ignore[arg-type]


async def record(storage: Storage, *entries: Entry) -> None:
    async with storage.transaction() as ports:
        for each in entries:
            await ports.ledger.write(each)


async def prune(
    storage: Storage, *, kept: Retention = BOTH, after: int | None = None, limit: int = 100, days: float = 40
) -> Pruned:
    async with storage.transaction() as ports:
        last = None if after is None else UUID(int=after)
        return await ports.housekeeping(kept).prune(at=NOW + days * DAY, after=last, limit=limit)


async def recorded(storage: Storage) -> list[int]:
    return [each.int - 1000 for each in await storage.executions() if each.int > 1000]


async def test_links_that_ended_before_a_time_are_found(storage: Storage) -> None:
    await keep(storage, SPACE, KIT, SHARE, EXPIRED, REVOKED)

    async with storage.transaction(readonly=True) as ports:
        housekeeping = ports.housekeeping(BOTH)
        assert await housekeeping.ended_shares(before=NOW + 2 * HOUR, limit=9) == [REVOKED, EXPIRED]
        assert await housekeeping.ended_shares(before=NOW + 2 * HOUR, limit=1) == [REVOKED]
        assert await housekeeping.ended_shares(before=NOW + HOUR, limit=9) == [EXPIRED]
        assert await housekeeping.ended_shares(before=NOW, limit=9) == []


async def test_a_key_that_has_expired_is_free_and_its_execution_stays(storage: Storage) -> None:
    await record(storage, entry(1, key="first"), entry(2, key="second", submitted_at=NOW + HOUR), entry(3))

    async with storage.transaction() as ports:
        assert await ports.housekeeping(BOTH).release_keys(at=NOW + 24.5 * HOUR, limit=9) == 1
        assert await ports.housekeeping(BOTH).release_keys(at=NOW + 24.5 * HOUR, limit=9) == 0

    async with storage.transaction() as ports:
        assert await ports.ledger.claim(actor="tester", action="create_kit", key="first") is None
        assert await ports.ledger.claim(actor="tester", action="create_kit", key="second") is not None
    assert await recorded(storage) == [1, 2, 3]


async def test_only_so_many_keys_are_released_at_once(storage: Storage) -> None:
    await record(storage, *(entry(number, key=str(number)) for number in range(3)))

    async with storage.transaction() as ports:
        released = [await ports.housekeeping(BOTH).release_keys(at=LATER, limit=2) for _ in range(3)]

    assert released == [2, 1, 0]


async def test_what_ended_longer_ago_than_it_is_kept_goes(storage: Storage) -> None:
    await record(storage, entry(1), entry(2, finished_at=NOW + 11 * DAY), entry(3, state="failed"))

    assert await prune(storage, after=1000) == Pruned(removed=2, cursor=None)
    assert await recorded(storage) == [2]


async def test_nothing_goes_that_is_kept_for_ever(storage: Storage) -> None:
    await record(storage, entry(1))

    assert await prune(storage, kept=Retention(key_hours=24), days=9_999) == Pruned(removed=0, cursor=None)
    assert await prune(storage, kept=Retention(key_hours=24, history_days=1), after=1000) == Pruned(
        removed=0, cursor=None
    )


async def test_what_changed_something_goes_with_its_changes_when_these_are_old(storage: Storage) -> None:
    await keep(storage, SPACE)
    await keep(storage, KIT)
    await prune(storage, kept=Retention(key_hours=24, ledger_days=1))
    assert len(await storage.changes()) == 2

    await prune(storage, days=34)
    assert len(await storage.changes()) == 2
    assert (await prune(storage, days=36)).removed >= 2
    assert await storage.changes() == []
    async with storage.transaction(readonly=True) as ports:
        assert await ports.repo.get(type(KIT), KIT.id) == KIT


@pytest.mark.parametrize("state", ["queued", "running"])
async def test_what_has_not_ended_stays(storage: Storage, state: str) -> None:
    await record(storage, entry(1, state=state))

    assert (await prune(storage, after=1000)).removed == 0


async def test_what_holds_an_idempotency_key_stays(storage: Storage) -> None:
    await record(storage, entry(1, key="key"))

    assert (await prune(storage, after=1000)).removed == 0


async def test_what_ran_another_goes_after_that(storage: Storage) -> None:
    await record(storage, entry(1), entry(2, parent_id=UUID(int=1001)))

    assert (await prune(storage, after=1000)).removed == 1
    assert await recorded(storage) == [1]
    assert (await prune(storage, after=1000)).removed == 1


async def test_what_the_timetable_names_stays(storage: Storage) -> None:
    await record(storage, entry(1))
    async with storage.transaction() as ports:
        timetable = ports.timetable({"sweep": Schedule("0 3 * * *")})
        await timetable.keep(now=NOW)
        (due,) = await timetable.due(now=NOW + DAY)
        await timetable.ran(due, execution_id=UUID(int=1001))

    assert (await prune(storage, after=1000)).removed == 0


async def test_it_goes_on_where_it_ended(storage: Storage) -> None:
    await record(storage, *(entry(number) for number in range(1, 4)))

    first = await prune(storage, after=1000, limit=2)
    assert first == Pruned(removed=2, cursor=UUID(int=1002))
    assert await prune(storage, after=1002, limit=2) == Pruned(removed=1, cursor=None)
    assert await recorded(storage) == []


async def test_what_is_pruned_in_vain_is_there_again(storage: Storage) -> None:
    await keep(storage, SPACE)
    await record(storage, entry(1), entry(2, key="key"), entry(3))
    changes = await storage.changes()
    with pytest.raises(ZeroDivisionError):
        async with storage.transaction() as ports:
            housekeeping = ports.housekeeping(BOTH)
            assert (await housekeeping.prune(at=LATER, after=None, limit=9)).removed > 2
            assert await housekeeping.release_keys(at=LATER, limit=9) == 1
            raise ZeroDivisionError

    assert await recorded(storage) == [1, 2, 3]
    assert await storage.changes() == changes
    async with storage.transaction() as ports:
        assert await ports.ledger.claim(actor="tester", action="create_kit", key="key") is not None


@pytest.mark.parametrize(
    "later", [Later(retry_of=UUID(int=1001)), Later(follows=[UUID(int=1001)])], ids=["repeats", "follows"]
)
async def test_what_another_repeats_or_follows_goes_after_that(storage: Storage, later: Later) -> None:
    await record(storage, entry(1))
    async with storage.transaction() as ports:
        await ports.queue.put(entry(2, state="queued", finished_at=None, later=later))
    assert (await prune(storage, after=1000, days=9_999)).removed == 0
    async with storage.transaction() as ports:
        assert await ports.queue.cancel(UUID(int=1002)) == "cancelled"

    assert (await prune(storage, after=1000, days=9_999)).removed == 1
    assert await recorded(storage) == [1]
    assert (await prune(storage, after=1000, days=9_999)).removed == 1


async def test_what_another_transaction_begins_to_refer_to_is_left_alone(storage: Storage) -> None:
    await record(storage, entry(1), entry(2))
    async with storage.transaction() as ports:
        again = Later(retry_of=UUID(int=1001))
        await ports.queue.put(entry(3, state="queued", finished_at=None, later=again))
        pruned = await prune(storage, after=1000)

    assert pruned.removed == 1
    assert await recorded(storage) == [1, 3]


async def test_what_another_transaction_holds_is_left_to_it(storage: Storage) -> None:
    await record(storage, entry(1, key="first"), entry(2, key="second"))

    async with storage.transaction() as one:
        assert await one.housekeeping(BOTH).release_keys(at=LATER, limit=1) == 1
        async with storage.transaction() as other:
            assert await other.housekeeping(BOTH).release_keys(at=LATER, limit=9) == 1
        assert (await prune(storage, after=1000)).removed == 1
