"""What is queued goes by a real broker to workers of Celery's, and is run as often as it was committed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from time import monotonic
from uuid import UUID

import pytest

from adapters.celery.broker import CeleryBroker
from ports.action import Execution
from ports.broker import Waiting
from service.background.worker_process import workers_beside
from service.composition import Adapters
from service.settings import load_settings
from tests.brokers import Broker, Forgetful, RabbitMQ, Redis, running
from tests.service.calling import LEASE_SECONDS, Processes, calling, children_of, kill_all_of
from tests.service.conftest import Bench
from tests.service.test_ledger_invariants import eventually
from tests.service.working import ended, row_of

WRITES = int(os.environ.get("CELERY_WRITES", "30"))
RANDOM = Random(1)
BROKERS: list[type[Broker]] = [Redis, RabbitMQ]
QUICK = {"resend_seconds": 3}


ONE_OF_THEM = pytest.mark.parametrize(
    "broker", [RabbitMQ if Redis.missing() else Redis], indirect=True, ids=["one"], scope="session"
)


@pytest.fixture(scope="session", params=BROKERS, ids=lambda kind: kind.__name__.lower())
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    kind: type[Broker] = request.param
    if missing := kind.missing():
        pytest.skip(f"{missing} is not installed, so nothing of Celery on it was run")
    async with running(kind) as started:
        yield started


@pytest.fixture
async def processes(bench: Bench, broker: Broker) -> AsyncIterator[Processes]:
    async with calling(bench, broker) as begun:
        yield begun


async def _keep(bench: Bench, name: str) -> UUID:
    return await bench.runner().enqueue("keep_kit", {"space_id": bench.space_id, "name": name})


async def _stalling(bench: Bench, mark: Path) -> UUID:
    stalled = await bench.runner().enqueue("stall_once", {"space_id": bench.space_id, "name": "Red", "mark": str(mark)})
    await eventually(lambda: _exists(mark), seconds=20)
    return stalled


async def _exists(mark: Path) -> bool:
    return mark.exists()


async def _child_that_runs(bench: Bench, id: UUID) -> int:
    [(pid,)] = await bench.rows(
        f"select w.pid from executions e join workers w on w.id = e.worker_id where e.id = '{id}'"
    )
    return int(str(pid))


async def test_what_is_queued_is_run_by_celery(bench: Bench, processes: Processes) -> None:
    await processes.relay()
    await processes.relay()  # of two, one sends at a time
    await processes.worker()
    kept = [await _keep(bench, f"Kit {number}") for number in range(20)]
    kept.append(await bench.runner().enqueue("strain", {"space_id": bench.space_id}, delay=0.5, priority=9))
    await eventually(lambda: ended(bench, *kept), seconds=20)

    assert len(await bench.kits()) == 21
    assert await bench.rows("select state, attempt, count(*) from executions group by 1, 2") == [("succeeded", 1, 21)]


@ONE_OF_THEM
async def test_a_long_action_keeps_its_lease_and_is_ended_before_its_worker(
    bench: Bench, processes: Processes, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    await processes.relay()
    worker = await processes.worker(children=1)
    stalled = await _stalling(bench, mark)
    await eventually(lambda: _renewed(bench), seconds=4 * LEASE_SECONDS)
    worker.terminate()
    waiting = await _keep(bench, "Blue")
    mark.unlink()
    async with asyncio.timeout(20):
        assert await worker.wait() == 0

    assert (await row_of(bench, stalled))[:3] == ("succeeded", 1, 1)
    assert await bench.rows("select id from workers") == []
    await processes.worker(children=1)
    await eventually(lambda: ended(bench, waiting), seconds=20)
    assert len(await bench.kits()) == 2


async def _renewed(bench: Bench) -> object:
    """Whether the first lease has ended long ago, and was renewed."""
    lasted = f"lease_until > started_at + interval '{2 * LEASE_SECONDS} s'"
    return await bench.rows(f"select 1 from executions where state = 'running' and {lasted}")


@ONE_OF_THEM
async def test_what_runs_is_cancelled_within_a_second(bench: Bench, processes: Processes, tmp_path: Path) -> None:
    await processes.relay()
    await processes.worker(children=1)
    stalled = await _stalling(bench, tmp_path / "mark")
    asked = monotonic()
    adapters = Adapters(bench.service, Execution())
    async with adapters.unit_of_work.transaction():
        assert await adapters.queue.cancel(stalled) == "running"
    await eventually(lambda: ended(bench, stalled), seconds=10)

    assert monotonic() - asked < 1
    assert (await row_of(bench, stalled))[0] == "cancelled"
    assert await bench.kits() == []


@ONE_OF_THEM
async def test_what_a_killed_process_ran_is_run_again_and_has_its_effect_once(
    bench: Bench, processes: Processes, tmp_path: Path
) -> None:
    await processes.relay()
    await processes.worker()
    stalled = await _stalling(bench, tmp_path / "mark")
    os.kill(await _child_that_runs(bench, stalled), signal.SIGKILL)
    killed = monotonic()
    await eventually(lambda: ended(bench, stalled), seconds=20)

    assert monotonic() - killed < LEASE_SECONDS + 2
    assert (await row_of(bench, stalled))[:3] == ("succeeded", 2, 2)
    assert len(await bench.kits()) == 1


@ONE_OF_THEM
async def test_what_kills_its_processes_has_failed_after_its_attempts_while_others_go_on(
    bench: Bench, processes: Processes
) -> None:
    await processes.relay()
    await processes.worker()
    poison = await bench.runner().enqueue("kill_worker", {})
    others = [await _keep(bench, f"Kit {number}") for number in range(20)]
    await eventually(lambda: ended(bench, poison, *others), seconds=30)

    assert (await row_of(bench, poison))[:5] == ("failed", 3, 3, None, "worker_lost")
    assert len(await bench.kits()) == 20


async def test_what_is_queued_while_the_broker_is_down_is_run_when_it_is_back(
    bench: Bench, broker: Broker, processes: Processes
) -> None:
    await processes.relay()
    await processes.worker(children=1)
    await eventually(lambda: _run_one(bench, "Before"), seconds=20)
    await broker.kill()
    try:
        kept = await _keep(bench, "Meanwhile")
    finally:
        await broker.start()
    await eventually(lambda: ended(bench, kept), seconds=30)

    assert await bench.kits() == ["Before", "Meanwhile"]


async def _run_one(bench: Bench, name: str) -> bool:
    if not await bench.rows("select 1 from executions"):
        await _keep(bench, name)
    return await bench.kits() == [name]


@ONE_OF_THEM
async def test_a_message_that_comes_again_does_nothing(bench: Bench, broker: Broker, processes: Processes) -> None:
    await processes.relay()
    await processes.worker(children=1)
    kept = await _keep(bench, "Red")
    await eventually(lambda: ended(bench, kept), seconds=20)
    sender = CeleryBroker(broker.url.partition("+")[2])
    again = Waiting(id=kept, version="", queue="default", priority=0)
    unknown = Waiting(id=UUID(int=1), version="", queue="default", priority=0)
    await sender.send([again, unknown] * 3)
    await sender.close()
    after = await _keep(bench, "Blue")  # behind them in the queue
    await eventually(lambda: ended(bench, after), seconds=20)

    assert (await row_of(bench, kept))[:3] == ("succeeded", 1, 1)
    assert await bench.kits() == ["Blue", "Red"]


@ONE_OF_THEM
async def test_a_server_has_a_relay_beside_it(bench: Bench, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    url = bench.service.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    said = {"DATABASE_URL": url, "ACTIONBUS_QUEUE": broker.url, "ACTIONBUS_SIGNING_KEY": bench.service.key}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    async with workers_beside(load_settings(log_level="error"), bench.service.registry):
        await _keep(bench, "Red")
        await eventually(lambda: bench.rows("select 1 from executions where sent_at is not null"), seconds=20)


async def test_what_the_broker_lost_is_sent_again(bench: Bench) -> None:
    if missing := Redis.missing():
        pytest.skip(f"{missing} is not installed, so nothing of Celery on it was run")
    async with running(Forgetful) as forgetful, calling(bench, forgetful) as processes:
        await processes.relay(resend_seconds=1)
        kept = await _keep(bench, "Red")
        await eventually(lambda: bench.rows("select 1 from executions where sent_at is not null"), seconds=20)
        await forgetful.kill()
        await forgetful.start()
        await processes.worker(children=1)
        await eventually(lambda: ended(bench, kept), seconds=20)

    assert (await row_of(bench, kept))[:3] == ("succeeded", 1, 1)


async def test_as_many_effects_as_commits_whatever_is_killed(
    bench: Bench, broker: Broker, processes: Processes
) -> None:
    killing = asyncio.ensure_future(_kill_at_random(processes))
    restarted = False
    while (written := await _written(bench)) < WRITES:
        down = not restarted and written > WRITES // 3
        if down:
            await broker.kill()
        await _write_and_be_killed(bench, processes, first=written)
        if down:
            await broker.start()
            restarted = True
    killing.cancel()
    await asyncio.gather(killing, return_exceptions=True)
    await processes.relay(**QUICK)
    await processes.worker(**QUICK)
    await eventually(lambda: _nothing_left(bench), seconds=60 + WRITES / 10)

    [(committed,)] = await bench.rows("select count(*) from kits where name not like '% later'")
    assert restarted
    assert int(str(committed)) >= WRITES * 2 // 3
    assert await bench.rows("select count(*) from kits where name like '% later'") == [(committed,)]
    states = (
        "select action, state, count(*) from executions where state = 'succeeded' or action = 'keep_kit' group by 1, 2"
    )
    assert await bench.rows(states) == [("fill_space", "succeeded", committed), ("keep_kit", "succeeded", committed)]


async def _written(bench: Bench) -> int:
    """The number of the next write, as the ledger has it."""
    rows = await bench.rows("select max((arguments->>'name')::int) from executions where action = 'fill_space'")
    return 0 if rows[0][0] is None else int(str(rows[0][0])) + 1


async def _write_and_be_killed(bench: Bench, processes: Processes, *, first: int) -> None:
    command = ("-m", "tests.service.write", str(bench.space_id), str(first), str(WRITES))
    writer = await processes.begin(*command, piped=True)
    assert writer.stdout is not None
    for _ in range(RANDOM.randint(1, max(WRITES // 4, 2))):
        async with asyncio.timeout(30):
            if not await writer.stdout.readline():
                break
    kill_all_of(writer)
    await writer.wait()


async def _kill_at_random(processes: Processes) -> None:
    relay, worker = await processes.relay(**QUICK), await processes.worker(**QUICK)
    while True:
        await asyncio.sleep(RANDOM.uniform(0.2, 1))
        match RANDOM.randrange(6):
            case 0:
                kill_all_of(worker)
                worker = await processes.worker(**QUICK)
            case 1:
                kill_all_of(relay)
                relay = await processes.relay(**QUICK)
            case _:
                for pid in RANDOM.sample(children := children_of(worker), min(1, len(children))):
                    os.kill(pid, signal.SIGKILL)


async def _nothing_left(bench: Bench) -> bool:
    return not await bench.rows("select 1 from executions where state in ('queued', 'running')")
