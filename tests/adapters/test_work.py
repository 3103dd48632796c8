"""What every work list promises: claiming, beating, giving back and listening, each in a transaction of its own."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from ports.action import Caller
from ports.background import Later
from ports.ledger import Entry
from ports.work import Claimed, Ending, Held, Known
from tests.adapters.jobs import (
    KNOWN,
    OTHER_WORKER,
    WORKER,
    cancel,
    claim,
    claim_one,
    end,
    held,
    number,
    put,
    queued,
    run,
    states,
)
from tests.adapters.storage import Storage

LIMITED = (Known(action="create_kit", concurrency=3),)
MIXED = (Known(action="create_kit"), Known(action="pay", concurrency=2))


def pay(n: int, priority: int = 0) -> Entry:
    return queued(n, action="pay", priority=priority)


async def claimed_numbers(storage: Storage, *, most: int = 100, known: tuple[Known, ...] = KNOWN) -> list[int]:
    """Claim one after the other, which shows their order."""
    numbers: list[int] = []
    while len(numbers) < most and (claimed := await claim(storage, most=1, known=known)):
        numbers.append(claimed[0].id.int - 1000)
    return numbers


async def test_a_claim_tells_all_that_the_attempt_needs(storage: Storage) -> None:
    caller = Caller(
        actor="ada", via="robot", entry_point="http", scopes=frozenset({"kit.*"}), kind="service", name="Ada"
    )
    async with storage.transaction() as ports:
        await ports.directory.see(caller)
        await ports.queue.put(queued(1, trace_id="mine", caller=caller))

    claimed = await claim_one(storage)

    assert (claimed.id, claimed.action, claimed.caller, claimed.trace_id) == (number(1), "create_kit", caller, "mine")
    assert (claimed.attempt, claimed.claim) == (1, 1)
    assert abs(claimed.started_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert await states(storage, 1) == ["running"]


async def test_higher_priorities_come_first_then_what_has_been_due_for_longer(storage: Storage) -> None:
    now = datetime.now(UTC)
    due = {n: now - timedelta(seconds=n) for n in (1, 2, 3)}
    await put(
        storage,
        queued(4, priority=5),
        *(queued(n, at=at) for n, at in due.items()),
        queued(6, priority=-1, at=now - timedelta(days=1)),
        queued(7, priority=5, at=now - timedelta(seconds=5)),
    )

    assert await claimed_numbers(storage) == [7, 4, 3, 2, 1, 6]


async def test_those_of_one_claim_are_in_this_order_too(storage: Storage) -> None:
    await put(storage, queued(1), queued(2, priority=5), queued(3, priority=9))

    assert [each.id for each in await claim(storage, most=3)] == [number(3), number(2), number(1)]


async def test_a_callers_priority_is_before_the_handlers(storage: Storage) -> None:
    await put(storage, queued(1, priority=1), queued(2, priority=9, later=Later(priority=0)))

    assert await claimed_numbers(storage) == [1, 2]


async def test_nothing_is_claimed_before_its_time(storage: Storage) -> None:
    await put(storage, queued(1, delay=30), queued(2, at=datetime.now(UTC) + timedelta(seconds=60)), queued(3))

    assert await claimed_numbers(storage) == [3]
    await storage.advance(31)
    assert await claimed_numbers(storage) == [1]
    await storage.advance(31)
    assert await claimed_numbers(storage) == [2]


async def test_a_delay_is_counted_from_the_time_that_is_given(storage: Storage) -> None:
    await put(storage, queued(1, at=datetime.now(UTC) + timedelta(seconds=30), delay=30))

    await storage.advance(31)
    assert await claim(storage) == []
    await storage.advance(31)
    assert len(await claim(storage)) == 1


async def test_only_what_the_worker_knows_is_claimed(storage: Storage) -> None:
    await put(storage, queued(1), queued(2, action="of_a_later_version"))

    assert await claimed_numbers(storage) == [1]
    assert await claim(storage, known=()) == []
    assert await states(storage, 2) == ["queued"]


async def test_no_more_are_claimed_than_there_is_room_for(storage: Storage) -> None:
    await put(storage, *(queued(n) for n in range(5)))

    assert len(await claim(storage, most=2)) == 2
    assert len(await claim(storage, most=2)) == 2
    assert len(await claim(storage, most=2)) == 1


async def test_one_that_is_named_is_claimed_alone_if_it_is_due(storage: Storage) -> None:
    await put(storage, queued(1), queued(2), queued(3, delay=30), pay(4))

    async def only(n: int) -> list[UUID]:
        found = await storage.work.claim(MIXED, worker=WORKER, lease=60, most=10, only=number(n))
        return [each.id for each in found]

    assert [await only(2), await only(2), await only(3), await only(9)] == [[number(2)], [], [], []]
    assert [await only(4), await only(4)] == [[number(4)], []]
    assert await states(storage, 1) == ["queued"]


async def test_many_who_claim_at_once_never_get_the_same(storage: Storage) -> None:
    await put(storage, *(queued(n) for n in range(200)))

    async def work(n: int) -> list[UUID]:
        worker, got = UUID(int=600 + n), list[UUID]()
        while claimed := await claim(storage, most=3, worker=worker):
            got += [each.id for each in claimed]
        return got

    got = Counter(each for of_one in await asyncio.gather(*map(work, range(20))) for each in of_one)

    assert (len(got), max(got.values())) == (200, 1)


async def test_what_another_transaction_holds_is_left_and_the_others_claimed(storage: Storage) -> None:
    await put(storage, queued(1, priority=9), queued(2))

    async with storage.transaction() as ports:
        await ports.queue.cancel(number(1))
        assert await claimed_numbers(storage) == [2]


async def test_claim_numbers_only_grow_and_an_attempt_that_was_given_back_does_not_count(storage: Storage) -> None:
    await put(storage, queued(1))
    seen = []
    for _ in range(3):
        claimed = await claim_one(storage)
        seen.append((claimed.attempt, claimed.claim))
        await storage.work.give_back([held(claimed)])

    assert seen == [(1, 1), (1, 2), (1, 3)]
    assert (await storage.job(number(1))).attempt == 0
    claimed = await claim_one(storage)
    await end(storage, claimed, Ending(state="queued"))
    assert (await claim_one(storage)).attempt == 2


async def test_what_has_ended_or_is_anothers_is_not_given_back(storage: Storage) -> None:
    await put(storage, queued(1), queued(2))
    ended, given_back = await claim(storage)
    await end(storage, ended)
    await storage.work.give_back([held(given_back)])
    taken = await claim_one(storage)

    await storage.work.give_back([held(ended), held(given_back)])

    assert await states(storage, ended.id.int - 1000, taken.id.int - 1000) == ["succeeded", "running"]


async def test_to_beat_renews_the_lease(storage: Storage) -> None:
    await put(storage, queued(1), queued(2))
    renewed, told = await claim(storage, lease=10)
    await storage.advance(8)

    assert await storage.work.beat([held(renewed)], lease=10) == {}
    assert await storage.work.beat([held(told, '{"done": 1}')], lease=None) == {}
    await storage.advance(8)

    async with storage.transaction() as ports:
        assert [each.id for each in await ports.queue.lost(most=10)] == [told.id]


async def test_progress_is_kept_until_there_is_some_that_is_new(storage: Storage) -> None:
    await put(storage, queued(1))
    claimed = await claim_one(storage)

    await storage.work.beat([held(claimed, '{"done": 1, "total": 2}')], lease=None)
    await storage.work.beat([held(claimed)], lease=60)
    assert (await storage.job(number(1))).progress == {"done": 1, "total": 2}
    await storage.work.beat([held(claimed, '{"done": 2, "total": 2}')], lease=60)
    assert (await storage.job(number(1))).progress == {"done": 2, "total": 2}

    await storage.work.give_back([held(claimed)])
    await claim_one(storage)
    assert (await storage.job(number(1))).progress is None


async def test_who_beats_hears_what_must_stop_and_why(storage: Storage) -> None:
    await put(storage, *(queued(n) for n in (1, 2, 3, 4, 5)))
    claimed = {each.id.int - 1000: each for each in await claim(storage, lease=5)}
    await cancel(storage, 1)
    await storage.work.give_back([held(claimed[2]), held(claimed[3])])
    taken = await claim(storage, most=1, worker=OTHER_WORKER)
    await end(storage, claimed[4])
    unknown = Held(id=number(99), claim=1)

    heard = await storage.work.beat([*map(held, claimed.values()), *map(held, taken), unknown], lease=None)

    told = {(key[0].int - 1000, key[1]): reason for key, reason in heard.items()}
    assert told == {(1, 1): "cancelled", (2, 1): "lost", (3, 1): "lost", (99, 1): "lost"}


async def test_an_attempt_under_an_old_claim_renews_nothing(storage: Storage) -> None:
    await put(storage, queued(1))
    old = await claim_one(storage)
    await storage.work.give_back([held(old)])
    await claim(storage, lease=5, worker=OTHER_WORKER)

    await storage.work.beat([held(old, '{"done": 9}')], lease=1000)
    await storage.advance(6)

    assert (await storage.job(number(1))).progress is None
    async with storage.transaction() as ports:
        assert len(await ports.queue.lost(most=10)) == 1


async def test_to_beat_does_not_wait_for_what_is_being_ended(storage: Storage) -> None:
    await put(storage, queued(1), queued(2))
    first, second = await claim(storage, lease=5)

    async with storage.transaction() as ports:
        await ports.queue.end(first.id, claim=first.claim, ending=Ending(state="succeeded"))
        async with asyncio.timeout(3):
            assert await storage.work.beat([held(first), held(second, '{"done": 1}')], lease=100) == {}

    assert (await storage.job(second.id)).progress == {"done": 1}


async def test_no_more_of_an_action_run_at_once_than_may(storage: Storage) -> None:
    await put(storage, *(queued(n) for n in range(10)))

    first = await claim(storage, known=LIMITED, most=2)
    second = await claim(storage, known=LIMITED, most=10)
    assert (len(first), len(second), await claim(storage, known=LIMITED)) == (2, 1, [])

    await end(storage, first[0])
    await storage.work.give_back([held(first[1])])
    assert len(await claim(storage, known=LIMITED)) == 2


async def test_twenty_who_claim_at_once_never_exceed_it_and_run_them_all(storage: Storage) -> None:
    running, most, done = 0, 0, 0
    await put(storage, *(queued(n) for n in range(40)))
    at_once = await asyncio.gather(*(claim(storage, known=LIMITED, worker=UUID(int=600 + n)) for n in range(20)))
    first = [each for claimed in at_once for each in claimed]
    assert 1 <= len(first) <= 3
    await storage.work.give_back([*map(held, first)])

    async def work(n: int) -> None:
        nonlocal running, most, done
        while done < 40:
            claimed = await claim(storage, known=LIMITED, most=2, worker=UUID(int=600 + n))
            running += len(claimed)
            most = max(most, running)
            for each in claimed:
                await asyncio.sleep(0)
                running -= 1  # before it is committed: from then on another one may
                await end(storage, each)
                done += 1
            await asyncio.sleep(0)

    async with asyncio.timeout(60):
        await asyncio.gather(*map(work, range(20)))

    assert done == 40
    assert 1 <= most <= 3
    assert await claim(storage) == []


async def test_a_limit_is_of_one_action_and_holds_up_no_other(storage: Storage) -> None:
    await put(storage, *(pay(n) for n in range(5)), *(queued(n) for n in range(10, 15)))

    numbers = await claimed_numbers(storage, known=MIXED)

    assert (len(numbers), sum(n < 10 for n in numbers)) == (7, 2)


async def test_what_is_limited_has_its_turn_among_the_others(storage: Storage) -> None:
    await put(storage, *(queued(n) for n in range(10, 15)), pay(1, 1), pay(2, -1), pay(3, 1), pay(4, 1))

    first = await claim(storage, known=MIXED, most=3)

    assert {each.id for each in first} >= {number(1), number(3)}
    assert len(first) == 3
    await end(storage, next(each for each in first if each.action == "pay"))
    assert await claimed_numbers(storage, known=MIXED, most=1) == [4]


async def test_who_listens_hears_of_what_is_committed_and_at_first(storage: Storage) -> None:
    heard = asyncio.Event()
    listening = asyncio.ensure_future(storage.work.listen(heard.set))

    async def hears() -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await heard.wait()
        was = heard.is_set()
        heard.clear()
        return was

    assert await hears()
    with suppress(ZeroDivisionError):
        async with storage.transaction() as ports:
            await ports.queue.put(queued(1))
            raise ZeroDivisionError
    await put(storage, queued(2), queued(3, follows=[number(2)]))
    assert await hears()
    (claimed,) = await claim(storage)
    heard.clear()
    await end(storage, claimed)
    assert await hears()
    (claimed,) = await claim(storage)
    heard.clear()
    await storage.work.give_back([held(claimed)])
    assert await hears()

    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


async def test_all_that_is_due_is_run_once(storage: Storage) -> None:
    await put(storage, *(queued(n) for n in range(30)))

    assert sorted(await run(storage)) == [number(n) for n in range(30)]


async def _succeeded(storage: Storage, claimed: Claimed) -> bool:
    return await storage.work.succeed(Held(id=claimed.id, claim=claimed.claim), output='{"name":  "Red"}')


async def test_what_did_nothing_else_succeeds_by_itself_or_is_left_as_it_is(storage: Storage) -> None:
    await put(storage, queued(1))
    claimed = await claim_one(storage)

    done = await _succeeded(storage, claimed)

    row = await storage.job(number(1))
    assert (row.state, row.output) == (("succeeded", {"name": "Red"}) if done else ("running", None))
    assert await _succeeded(storage, claimed) is False


async def test_what_is_followed_or_cancelled_or_anothers_does_not_succeed_by_itself(storage: Storage) -> None:
    await put(storage, queued(1), queued(2), queued(3), queued(4, later=Later(follows=[number(1)])))
    followed, cancelled, others = await claim(storage, most=3)
    await cancel(storage, 2)
    await storage.work.give_back([held(others)])
    await claim_one(storage)

    assert [await _succeeded(storage, each) for each in (followed, cancelled, others)] == [False] * 3
    assert await states(storage, 1, 2, 3) == ["running"] * 3


async def test_one_that_is_being_cancelled_holds_up_no_other_that_ends_with_it(storage: Storage) -> None:
    await put(storage, queued(1), queued(2))
    claimed = await claim(storage)

    async with storage.transaction() as ports, asyncio.timeout(3):
        await ports.queue.cancel(number(2))
        done = await asyncio.gather(*(_succeeded(storage, each) for each in claimed))

    assert done in ([True, False], [False, False])  # the latter by who cannot do it in one statement
    assert await states(storage, 2) == ["running"]


async def test_of_those_that_end_at_once_each_succeeds_or_is_left_for_itself(storage: Storage) -> None:
    await put(storage, *(queued(n) for n in range(1, 5)))
    claimed = await claim(storage)
    await cancel(storage, 2)

    done = await asyncio.gather(*(_succeeded(storage, each) for each in reversed(claimed)))

    assert done in ([True, True, False, True], [False] * 4)  # the latter by who cannot do it in one statement
    assert await states(storage, *range(1, 5)) == [("succeeded" if each else "running") for each in reversed(done)]
