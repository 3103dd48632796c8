"""Workers as processes: killed, stopped, sent away, and what they ran all the same."""

import asyncio
import os
import signal
from pathlib import Path
from random import Random
from time import monotonic
from uuid import UUID

from tests.service.conftest import Bench
from tests.service.test_ledger_invariants import eventually
from tests.service.working import LEASE_SECONDS, always_working, ended, row_of, state_of, working

WRITES = int(os.environ.get("WRITES", "120"))
RANDOM = Random(1)


async def _stalling(bench: Bench, mark: Path, **arguments: object) -> UUID:
    stalled = await bench.runner().enqueue(
        "stall_once", {"space_id": bench.space_id, "name": "Red", "mark": str(mark), **arguments}
    )
    await eventually(lambda: _exists(mark))
    return stalled


async def _exists(mark: Path) -> bool:
    return mark.exists()


async def test_what_a_killed_worker_ran_is_run_again_within_the_lease_and_a_second(
    bench: Bench, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    async with working(bench) as first, working(bench) as second:
        stalled = await _stalling(bench, mark)
        [(pid,)] = await bench.rows("select w.pid from executions e join workers w on w.id = e.worker_id")
        {first.pid: first, second.pid: second}[int(str(pid))].kill()
        killed = monotonic()
        await eventually(lambda: ended(bench, stalled))

        assert monotonic() - killed < LEASE_SECONDS + 1
    state, attempt, claim, *_, failures = await row_of(bench, stalled)
    assert (state, attempt, claim) == ("succeeded", 2, 2)
    assert '"worker_lost"' in str(failures)
    assert len(await bench.kits()) == 1


async def test_what_kills_its_workers_has_failed_after_its_attempts_while_others_go_on(bench: Bench) -> None:
    async with working(bench), always_working(bench, worker_executions=1) as begun:
        poison = await bench.runner().enqueue("kill_worker", {})
        others = [
            await bench.runner().enqueue("keep_kit", {"space_id": bench.space_id, "name": f"Kit {number}"})
            for number in range(100)
        ]
        await eventually(lambda: ended(bench, poison, *others), seconds=60)

        assert begun
    assert (await row_of(bench, poison))[:5] == ("failed", 3, 3, None, "worker_lost")
    assert len(await bench.kits()) == 100
    states = await bench.rows("select distinct state from executions where action = 'keep_kit'")
    assert states == [("succeeded",)]


async def test_who_wakes_after_another_has_finished_cannot_commit(bench: Bench, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    async with working(bench) as first:
        stalled = await _stalling(bench, mark)
        first.send_signal(signal.SIGSTOP)
        async with working(bench):
            await eventually(lambda: ended(bench, stalled))
        before = await row_of(bench, stalled)
        mark.unlink()
        first.send_signal(signal.SIGCONT)
        # It is done with the old attempt when it has run another execution to its end.
        following = await bench.runner().enqueue("keep_kit", {"space_id": bench.space_id, "name": "Blue"})
        await eventually(lambda: ended(bench, following))
        await eventually(lambda: _alone(bench))

    assert before[:3] == ("succeeded", 2, 2)
    assert await row_of(bench, stalled) == before
    kits = await bench.kits()
    assert len(kits) == 2
    assert "Blue" in kits


async def _alone(bench: Bench) -> bool:
    """Whether no transaction is open but this one."""
    return not await bench.rows(
        "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        " and xact_start is not null"
    )


async def test_a_worker_that_is_sent_away_gives_back_what_does_not_end(bench: Bench, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    async with working(bench, shutdown_seconds=0) as first:
        stalled = await _stalling(bench, mark)
        first.terminate()
        async with asyncio.timeout(5):
            assert await first.wait() == 0
    assert (await row_of(bench, stalled))[:3] == ("queued", 0, 1)
    assert await bench.rows("select id from workers") == []

    async with working(bench):
        await eventually(lambda: ended(bench, stalled))
    assert (await row_of(bench, stalled))[:3] == ("succeeded", 1, 2)
    assert len(await bench.kits()) == 1


async def test_who_was_told_to_give_back_and_goes_on_cannot_commit(bench: Bench, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    async with working(bench, shutdown_seconds=0) as stubborn:
        stalled = await _stalling(bench, mark, stubborn=True)
        stubborn.terminate()
        await eventually(lambda: _is(bench, stalled, "queued"))
        async with working(bench):
            await eventually(lambda: ended(bench, stalled))
        before = await row_of(bench, stalled)
        if mark.exists():
            mark.unlink()
        async with asyncio.timeout(20):
            await stubborn.wait()

    assert before[:3] == ("succeeded", 1, 2)
    assert await row_of(bench, stalled) == before
    assert len(await bench.kits()) == 1


async def _is(bench: Bench, execution_id: UUID, state: str) -> bool:
    return await state_of(bench, execution_id) == state


async def test_as_many_effects_as_commits_whatever_is_killed(bench: Bench) -> None:
    done = 0
    async with always_working(bench) as one, always_working(bench) as other:
        killing = asyncio.ensure_future(_kill(one, other))
        for number in range(WRITES):
            sent = {
                "space_id": bench.space_id,
                "name": f"Kit {number}",
                "then": ("end", "problem", "end", "bug")[number % 4],
            }
            outcome = await bench.runner().run("fill_space", sent)
            done += outcome.state == "succeeded"
        await eventually(lambda: _idle(bench), seconds=60 + WRITES / 20)
        killing.cancel()

    assert done == (WRITES + 1) // 2
    assert len(await bench.kits()) == 2 * done
    states = await bench.rows("select state, count(*) from executions where action = 'keep_kit' group by 1")
    assert states == [("succeeded", done)]


async def _kill(*kept: list[asyncio.subprocess.Process]) -> None:
    while True:
        await asyncio.sleep(RANDOM.uniform(0.3, 1.0))
        victim = RANDOM.choice(kept)[-1]
        if victim.returncode is None:
            victim.kill()


async def _idle(bench: Bench) -> bool:
    return not await bench.rows("select 1 from executions where state in ('queued', 'running')")
