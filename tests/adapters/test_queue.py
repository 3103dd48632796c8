"""What every queue promises: put, cancel, end and lost, within the transaction that asks."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest

from ports.background import ClaimLost
from ports.ledger import Stored
from ports.library import Kit
from ports.repo import EntityNotFound
from ports.work import Ending
from tests.adapters.jobs import (
    CANCELLED,
    FAILED,
    OTHER_WORKER,
    SUCCEEDED,
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
from tests.adapters.storage import Storage, entry_of, keep
from tests.library import KIT, SPACE


async def test_what_is_queued_waits_for_a_worker(storage: Storage) -> None:
    assert await put(storage, queued(1, priority=3, space_id=SPACE.id)) == [number(1)]

    row = await storage.job(number(1))

    assert (row.state, row.attempt, row.claim, row.priority, row.space_id) == ("queued", 0, 0, 3, SPACE.id)
    assert (row.arguments, row.output, row.problem, row.finished) == ({"a": 1}, None, None, False)


async def test_what_is_rolled_back_was_never_queued(storage: Storage) -> None:
    with suppress(ZeroDivisionError):
        async with storage.transaction() as ports:
            await ports.queue.put(queued(1))
            raise ZeroDivisionError
    async with storage.transaction() as ports:
        with suppress(ZeroDivisionError):
            async with ports.unit.savepoint():
                await ports.queue.put(queued(2))
                raise ZeroDivisionError

    assert await claim(storage) == []
    assert not {number(1), number(2)}.intersection(await storage.executions())


async def test_what_is_not_yet_committed_is_nobodys_work(storage: Storage) -> None:
    async with storage.transaction() as ports:
        await ports.queue.put(queued(1))
        assert await claim(storage) == []

    assert [each.id for each in await claim(storage)] == [number(1)]


async def test_what_an_execution_puts_goes_with_it(storage: Storage) -> None:
    async with storage.transaction() as ports:
        for n in (1, 2):
            await ports.queue.put(queued(n, parent_id=ports.execution_id))
        assert await claim(storage) == []

    assert [each.id for each in await claim(storage)] == [number(1), number(2)]


async def test_what_an_execution_puts_it_can_read(storage: Storage) -> None:
    async with storage.transaction() as ports:
        await ports.queue.put(queued(1, parent_id=ports.execution_id))
        read = await ports.history.execution(number(1))

    assert (read.state, read.parent_id) == ("queued", ports.execution_id)


async def test_what_an_execution_puts_and_undoes_is_not_put(storage: Storage) -> None:
    async with storage.transaction() as ports:
        await ports.queue.put(queued(1, parent_id=ports.execution_id))
        with suppress(ZeroDivisionError):
            async with ports.unit.savepoint():
                await ports.queue.put(queued(2, parent_id=ports.execution_id))
                raise ZeroDivisionError
        async with ports.unit.savepoint():
            await ports.queue.put(queued(3, parent_id=ports.execution_id))

    assert [each.id for each in await claim(storage)] == [number(1), number(3)]
    assert number(2) not in await storage.executions()


async def test_who_asks_for_a_unique_one_gets_the_one_there_is(storage: Storage) -> None:
    first, second = (queued(n, unique_key="running:x") for n in (1, 2))
    assert await put(storage, first, second) == [number(1), number(1)]
    assert await put(storage, second) == [number(1)]
    claimed = await claim_one(storage)
    assert await put(storage, second) == [number(1)]

    await end(storage, claimed)

    assert await put(storage, second) == [number(2)]
    assert await put(storage, queued(3, unique_key="running:y")) == [number(3)]


async def test_of_a_unique_one_that_may_wait_another_waits_while_one_runs(storage: Storage) -> None:
    await put(storage, queued(1, unique_key="waiting:x"))
    await claim_one(storage)

    assert await put(storage, queued(2, unique_key="waiting:x")) == [number(2)]
    assert await put(storage, queued(3, unique_key="waiting:x")) == [number(2)]


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "rolled back"])
async def test_who_asks_for_a_unique_one_waits_whether_the_other_is_kept(storage: Storage, *, kept: bool) -> None:
    async def put_first() -> None:
        async with storage.transaction() as ports:
            await ports.queue.put(queued(1, unique_key="running:x"))
            second.append(asyncio.ensure_future(put(storage, queued(2, unique_key="running:x"))))
            await storage.one_waits_for_a_lock()
            if not kept:
                raise ZeroDivisionError

    second: list[asyncio.Future[list[UUID]]] = []
    with suppress(ZeroDivisionError):
        await put_first()

    assert await second[0] == [number(1) if kept else number(2)]


async def test_of_twenty_who_ask_at_once_for_a_unique_one_all_get_the_same(storage: Storage) -> None:
    asked = await asyncio.gather(*(put(storage, queued(n, unique_key="running:x")) for n in range(20)))

    assert len({execution_id for (execution_id,) in asked}) == 1
    assert len(await claim(storage)) == 1


async def test_what_waits_is_cancelled_at_once_and_nobodys_work(storage: Storage) -> None:
    await put(storage, queued(1))

    assert await cancel(storage, 1) == "cancelled"

    row = await storage.job(number(1))
    assert row.problem is not None
    assert (row.state, row.problem["code"], row.problem["trace_id"]) == ("cancelled", "execution_cancelled", "trace")
    assert (row.problem["instance"], row.finished) == (f"/executions/{number(1)}", True)
    assert await claim(storage) == []


async def test_what_runs_and_was_cancelled_cannot_succeed(storage: Storage) -> None:
    await keep(storage, SPACE)
    await put(storage, queued(1))
    claimed = await claim_one(storage)

    assert [await cancel(storage, 1) for _ in range(2)] == ["running"] * 2

    with pytest.raises(ClaimLost):
        async with storage.transaction() as ports:
            await ports.repo.add(KIT)
            await ports.queue.end(claimed.id, claim=claimed.claim, ending=SUCCEEDED)
    async with storage.transaction() as ports:
        assert await ports.repo.count(Kit) == 0
    assert await states(storage, 1) == ["running"]
    await end(storage, claimed, CANCELLED)
    assert await states(storage, 1) == ["cancelled"]


@pytest.mark.parametrize("ending", [SUCCEEDED, FAILED, replace(FAILED, state="rejected"), CANCELLED])
async def test_what_has_ended_stays_as_it_is(storage: Storage, ending: Ending) -> None:
    await put(storage, queued(1))
    await end(storage, await claim_one(storage), ending)
    before = await storage.job(number(1))

    assert await cancel(storage, 1) == ending.state

    assert await storage.job(number(1)) == before


async def test_what_was_never_in_the_background_is_told_by_its_state(storage: Storage) -> None:
    async with storage.transaction() as ports:
        await ports.ledger.write(entry_of(number(1)))

    assert await cancel(storage, 1) == "succeeded"


async def test_what_is_not_on_record_cannot_be_cancelled(storage: Storage) -> None:
    with pytest.raises(EntityNotFound) as raised:
        await cancel(storage, 1)

    assert (raised.value.kind, raised.value.id) == ("execution", number(1))


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "rolled back"])
async def test_to_cancel_waits_for_an_ending_that_is_being_committed(storage: Storage, *, kept: bool) -> None:
    async def end_first() -> None:
        async with storage.transaction() as ports:
            await ports.queue.end(claimed.id, claim=claimed.claim, ending=SUCCEEDED)
            cancelling.append(asyncio.ensure_future(cancel(storage, 1)))
            await storage.one_waits_for_a_lock()
            if not kept:
                raise ZeroDivisionError

    cancelling: list[asyncio.Future[str]] = []
    await put(storage, queued(1))
    claimed = await claim_one(storage)
    with suppress(ZeroDivisionError):
        await end_first()

    assert await cancelling[0] == ("succeeded" if kept else "running")


async def test_an_ending_is_on_record_with_the_effects(storage: Storage) -> None:
    await put(storage, queued(1))
    claimed = await claim_one(storage)

    await end(storage, claimed, replace(SUCCEEDED, space_id=SPACE.id))

    row = await storage.job(number(1))
    assert (row.state, row.output, row.finished) == ("succeeded", {"name": "Red"}, True)
    assert (row.space_id, row.problem) == (SPACE.id, None)


async def test_the_effects_of_an_attempt_that_lost_its_claim_are_undone(storage: Storage) -> None:
    await keep(storage, SPACE)
    await put(storage, queued(1))
    first = await claim_one(storage)
    await storage.work.give_back([held(first)])
    second = await claim_one(storage)

    with pytest.raises(ClaimLost):
        async with storage.transaction() as ports:
            await ports.repo.add(KIT)
            await ports.queue.end(first.id, claim=first.claim, ending=SUCCEEDED)

    assert second.claim > first.claim
    async with storage.transaction() as ports:
        assert await ports.repo.count(Kit) == 0
    await end(storage, second)
    assert await states(storage, 1) == ["succeeded"]


@pytest.mark.parametrize("ending", [SUCCEEDED, FAILED, CANCELLED, Ending(state="queued")])
async def test_what_waits_or_has_ended_cannot_be_ended(storage: Storage, ending: Ending) -> None:
    await put(storage, queued(1), queued(2))
    given_back, ended = await claim(storage)
    await storage.work.give_back([held(given_back)])
    await end(storage, ended)

    for claimed in (given_back, ended):
        with pytest.raises(ClaimLost):
            await end(storage, claimed, ending)

    assert await states(storage, given_back.id.int - 1000, ended.id.int - 1000) == ["queued", "succeeded"]


async def test_an_attempt_that_is_to_be_made_again_waits_its_time(storage: Storage) -> None:
    await put(storage, queued(1))
    first = await claim_one(storage)

    await end(storage, first, Ending(state="queued", problem='{"code": "contended"}', wait=30))

    assert await claim(storage) == []
    await storage.advance(29)
    assert await claim(storage) == []
    await storage.advance(1.1)
    second = await claim_one(storage)
    assert (first.attempt, second.attempt, second.claim) == (1, 2, first.claim + 1)
    (failure,) = (await storage.job(number(1))).failures
    assert failure.keys() == {"attempt", "started_at", "ended_at", "problem"}
    assert (failure["attempt"], failure["problem"]) == (1, {"code": "contended"})
    assert first.started_at.isoformat()[:19] == failure["started_at"][:19] <= failure["ended_at"][:19]


async def test_lost_ones_are_found_when_their_leases_have_ended(storage: Storage) -> None:
    await put(storage, queued(1), queued(2), queued(3))
    (short,) = await claim(storage, most=1, lease=10)
    (shorter,) = await claim(storage, most=1, lease=5)
    (long,) = await claim(storage, most=1, lease=100)
    async with storage.transaction() as ports:
        assert await ports.queue.lost(most=10) == []

    await storage.advance(11)

    async with storage.transaction() as ports:
        found = await ports.queue.lost(most=10)
        assert [each.id for each in found] == [shorter.id, short.id]
        assert (found[0].action, found[0].attempt, found[0].claim) == ("create_kit", 1, shorter.claim)
        assert (found[0].trace_id, found[0].cancelled) == ("trace", False)
        assert [each.id for each in await ports.queue.lost(most=1)] == [shorter.id]
    assert await states(storage, long.id.int - 1000) == ["running"]


async def test_a_lost_one_is_for_one_who_looks(storage: Storage) -> None:
    await put(storage, queued(1), queued(2))
    await claim(storage, lease=5)
    await storage.advance(6)

    async with storage.transaction() as ports, storage.transaction() as other:
        (mine,), (theirs,) = await ports.queue.lost(most=1), await other.queue.lost(most=10)
        assert mine.id != theirs.id
        for each, of in ((mine, ports), (theirs, other)):
            await of.queue.end(each.id, claim=each.claim, ending=FAILED)

    assert await states(storage, 1, 2) == ["failed", "failed"]


async def test_a_lost_one_tells_that_it_was_cancelled(storage: Storage) -> None:
    await put(storage, queued(1))
    await claim(storage, lease=5)
    await cancel(storage, 1)
    await storage.advance(6)

    async with storage.transaction() as ports:
        assert [each.cancelled for each in await ports.queue.lost(most=10)] == [True]


@pytest.mark.parametrize("ends", [False, True])
async def test_a_key_stands_for_an_execution_in_the_background_whatever_comes_of_it(
    storage: Storage, *, ends: bool
) -> None:
    await put(storage, queued(1, "ada", key="once"))
    if ends:
        await run(storage)

    async with storage.transaction() as ports:
        stored = await ports.ledger.claim(actor="ada", action="create_kit", key="once")

    output = SUCCEEDED.output if ends else None
    assert stored == Stored(id=number(1), fingerprint=b"fingerprint", background=True, output=output, problem=None)


async def test_what_a_transaction_does_to_executions_is_undone_with_it(storage: Storage) -> None:
    await put(storage, queued(1), queued(2, follows=[number(1)]), queued(3))
    claimed = {each.id: each for each in await claim(storage)}
    before = [await storage.job(number(n)) for n in (1, 2, 3)]

    with suppress(ZeroDivisionError):
        async with storage.transaction() as ports:
            await ports.queue.end(number(1), claim=claimed[number(1)].claim, ending=SUCCEEDED)
            await ports.queue.cancel(number(3))
            await ports.queue.cancel(number(2))
            raise ZeroDivisionError

    assert [await storage.job(number(n)) for n in (1, 2, 3)] == before
    await end(storage, claimed[number(1)])
    assert [each.id for each in await claim(storage, worker=OTHER_WORKER)] == [number(2)]
