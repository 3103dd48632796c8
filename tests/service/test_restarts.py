"""The database restarted under load: what was accepted is done once, and nobody restarts a process by hand."""

import asyncio
import os
import signal
from pathlib import Path

from adapters.postgres.embedded import OWNER, EmbeddedPostgres
from service.database import migrate
from service.settings import Settings
from tests.conftest import BINARIES, Cluster
from tests.service.conftest import Bench, opened_bench
from tests.service.test_ledger_invariants import eventually
from tests.service.working import working

RESTARTS = int(os.environ.get("RESTARTS", "2"))


async def test_what_was_queued_is_done_once_though_the_database_is_restarted(
    settings: Settings, enterable: Path
) -> None:
    with EmbeddedPostgres(enterable / "restarted", BINARIES["wheel"]) as postgres:
        cluster = Cluster(postgres)
        await cluster.run(f"create database loaded owner {OWNER}")
        await migrate(database := cluster.database("loaded"))
        async with opened_bench(settings, database) as bench, working(bench) as one, working(bench) as other:
            loading = asyncio.ensure_future(_load(bench))
            for _ in range(RESTARTS):
                await asyncio.sleep(1)
                await _restart(enterable / "restarted", postgres)
            await asyncio.sleep(1)
            loading.cancel()
            committed = (await asyncio.gather(loading, return_exceptions=True))[0]
            await eventually(lambda: _idle(bench), seconds=60)

            assert one.returncode is other.returncode is None
            assert isinstance(committed, asyncio.CancelledError)
            placed = await _count(bench, "fill_space", "succeeded")
            assert placed > 20
            assert len(await bench.kits()) == 2 * placed
            assert placed == await _count(bench, "keep_kit", "succeeded") == await _count(bench, "keep_kit")


async def _count(bench: Bench, action: str, state: str = "%") -> int:
    condition = f"action = '{action}' and state like '{state}'"
    [(count,)] = await bench.rows(f"select count(*) from executions where {condition}")
    return int(str(count))


async def _load(bench: Bench) -> None:
    """Place orders one after the other, whether or not the database is there."""
    number = 0
    while True:
        number += 1
        outcome = await bench.runner().run("fill_space", {"space_id": bench.space_id, "name": f"Kit {number}"})
        assert outcome.state == "succeeded" or outcome.problem is not None
        assert outcome.problem is None or outcome.problem.code in {"database_unavailable", "overloaded"}
        await asyncio.sleep(0.005)


async def _restart(data: Path, postgres: EmbeddedPostgres) -> None:
    (file,) = data.rglob("postmaster.pid")
    os.kill(int(file.read_text().split()[0]), signal.SIGINT)  # "fast": connections are ended, what is open rolled back
    while file.exists():
        await asyncio.sleep(0.01)
    await asyncio.to_thread(postgres.start)


async def _idle(bench: Bench) -> bool:
    try:
        return not await bench.rows("select 1 from executions where state in ('queued', 'running')")
    except OSError:
        return False
