"""What the relay tells a broker, and what it does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
import structlog
from sqlalchemy import text

from adapters.memory.broker import MemoryBroker
from adapters.postgres.outbox import PostgresOutbox
from ports.broker import BrokerUnavailable
from ports.work import Held, Known
from service.background.called import CalledWorker
from service.background.relay import Relay
from tests.service.conftest import Bench
from tests.service.test_ledger_invariants import eventually

KEPT = [Known(action="keep_kit")]


async def _keep(bench: Bench, name: str, *, priority: int = 0, delay: float = 0.0) -> UUID:
    sent = {"space_id": bench.space_id, "name": name}
    return await bench.runner().enqueue("keep_kit", sent, priority=priority, delay=delay)


async def _send(bench: Bench, broker: MemoryBroker, *, most: int = 100, **limits: int) -> int | None:
    return await bench.service.outbox.send(broker, limits=limits, most=most)


async def _claim(bench: Bench, id: UUID, *, known: list[Known] = KEPT) -> bool:
    return bool(await bench.service.work.claim(known, worker=uuid4(), lease=10, most=1, only=id))


async def test_what_is_due_and_committed_is_sent_once(bench: Bench) -> None:
    later, low = await _keep(bench, "later", delay=60), await _keep(bench, "low", priority=-1)
    high, low_too = await _keep(bench, "high", priority=5), await _keep(bench, "low too", priority=-1)
    for then in ("problem", "bug"):
        await bench.runner().run("fill_space", {"space_id": bench.space_id, "name": "Undone", "then": then})
    following = await bench.runner().enqueue(
        "keep_kit", {"space_id": bench.space_id, "name": "following"}, follows=[later]
    )
    broker = MemoryBroker()

    assert await bench.service.outbox.count() == 3
    assert [await _send(bench, broker), await _send(bench, broker)] == [3, 0]
    assert broker.sent == [high, low, low_too]
    assert not {later, following} & {*broker.sent}
    assert await bench.service.outbox.count() == 0


async def test_what_a_broker_did_not_take_is_still_to_be_sent(bench: Bench) -> None:
    kept, broker = await _keep(bench, "Red"), MemoryBroker()
    broker.down = True
    with pytest.raises(BrokerUnavailable):
        await _send(bench, broker)
    broker.down = False

    assert await _send(bench, broker) == 1
    assert broker.sent == [kept]


async def test_one_relay_sends_at_a_time(bench: Bench) -> None:
    await _keep(bench, "Red")
    other, answers = MemoryBroker(), list[int | None]()

    async def send_too() -> None:
        answers.append(await _send(bench, other))

    await _send(bench, MemoryBroker(meanwhile=send_too))
    assert (answers, other.sent) == ([None], [])


async def test_what_is_received_before_it_is_noted_as_sent_can_be_claimed(bench: Bench) -> None:
    kept, claimed = await _keep(bench, "Red"), list[bool]()

    async def receive() -> None:
        claimed.append(await _claim(bench, kept))

    await _send(bench, MemoryBroker(meanwhile=receive))
    assert claimed == [True]
    assert await bench.rows("select state, sent_at from executions") == [("running", None)]


async def test_what_is_received_while_it_is_noted_as_sent_is_claimed_once_it_is(bench: Bench) -> None:
    kept = await _keep(bench, "Red")
    async with bench.service.engine.connect() as noting:
        await noting.execute(text("update executions set sent_at = now()"))
        claiming = asyncio.create_task(_claim(bench, kept))
        await eventually(lambda: bench.rows("select 1 from pg_stat_activity where wait_event_type = 'Lock'"))
        await noting.commit()

    assert await claiming


async def test_what_was_received_and_could_not_be_begun_is_sent_again(bench: Bench) -> None:
    """Also if that was before it was noted as sent, which then counts no more."""
    kept, broker = await _keep(bench, "Red"), MemoryBroker()
    await _send(bench, MemoryBroker(meanwhile=lambda: bench.service.outbox.take_back(kept)))
    assert await _send(bench, broker) == 1
    await bench.service.outbox.take_back(kept)
    assert await _send(bench, broker) == 1

    assert await _claim(bench, kept)
    await bench.service.outbox.take_back(kept)
    assert await _send(bench, broker) == 0
    assert broker.sent == [kept, kept]


async def test_what_has_been_sent_for_long_and_not_begun_is_sent_again(bench: Bench) -> None:
    kept, broker = await _keep(bench, "Red"), MemoryBroker()
    await _send(bench, broker)
    assert await bench.service.outbox.forget(older_than=60) == 0
    assert await bench.service.outbox.forget(older_than=0) == 1
    assert await _send(bench, broker) == 1
    assert broker.sent == [kept, kept]


async def test_of_what_is_limited_no_more_is_sent_than_may_run(bench: Bench) -> None:
    kept = [await _keep(bench, f"Kit {number}") for number in range(4)]
    other = await bench.runner().enqueue("strain", {"space_id": bench.space_id})
    broker = MemoryBroker()

    await _send(bench, broker, keep_kit=2)
    assert broker.sent == [other, *kept[:2]]
    assert await _claim(bench, kept[0], known=[Known(action="keep_kit", concurrency=2)])
    assert await _send(bench, broker, keep_kit=2) == 0
    await bench.service.work.give_back([Held(id=kept[0], claim=1)])
    assert await _send(bench, broker, keep_kit=2) == 1


async def test_of_a_queue_only_so_many_are_with_the_broker(bench: Bench) -> None:
    kept = [await _keep(bench, f"Kit {number}") for number in range(4)]
    broker, outbox = MemoryBroker(), PostgresOutbox(bench.service.beside, window=2)

    assert [await outbox.send(broker, limits={}, most=1) for _ in range(3)] == [1, 1, 0]
    assert await _claim(bench, kept[0])
    assert [await outbox.send(broker, limits={}, most=1) for _ in range(2)] == [1, 0]
    assert broker.sent == kept[:3]


@asynccontextmanager
async def _relaying(bench: Bench, broker: MemoryBroker) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    running = asyncio.create_task(Relay(bench.service, broker).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await running


async def test_a_relay_sends_as_soon_as_it_is_committed(bench: Bench) -> None:
    broker = MemoryBroker()
    async with _relaying(bench, broker):
        kept = [await _keep(bench, f"Kit {number}") for number in range(3)]
        await eventually(lambda: _true(len(broker.sent) == 3))
    assert sorted(broker.sent) == sorted(kept)


async def test_a_relay_says_once_that_the_broker_is_away_and_that_it_is_back(bench: Bench) -> None:
    kept, broker = await _keep(bench, "Red"), MemoryBroker()
    broker.down = True
    with structlog.testing.capture_logs() as records:
        async with _relaying(bench, broker):
            await eventually(lambda: _true(broker.asked > 2))
            broker.down = False
            await eventually(lambda: _true(len(records) > 1))
    assert broker.sent == [kept]
    assert [(record["event"], record["log_level"]) for record in records] == [
        ("broker.unreachable", "error"),
        ("broker.reached", "info"),
    ]
    assert records[0]["waiting"] == 1


async def test_a_relay_has_what_a_lost_worker_ran_sent_again(bench: Bench) -> None:
    kept, broker = await _keep(bench, "Red"), MemoryBroker()
    assert await bench.service.work.claim(KEPT, worker=uuid4(), lease=0, most=1, only=kept)
    async with _relaying(bench, broker):
        await eventually(lambda: _true(broker.sent == [kept]))


async def test_who_is_called_runs_what_is_there_and_leaves_the_rest(bench: Bench) -> None:
    stopping, worker = asyncio.Event(), CalledWorker(bench.service)
    working = asyncio.create_task(worker.run(stopping))
    kept, later = await _keep(bench, "Red"), await _keep(bench, "Later", delay=60)
    await asyncio.gather(*(worker.carry_out(each) for each in (kept, kept, later, UUID(int=1))))
    stopping.set()
    await working

    assert await bench.kits() == ["Red"]
    assert await bench.rows("select state, attempt from executions order by id") == [("succeeded", 1), ("queued", 0)]


async def _true(holds: bool) -> bool:  # noqa: FBT001 - a condition
    return holds
