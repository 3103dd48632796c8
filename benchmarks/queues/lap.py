"""One lap: a system, a database of its own, a worker, and what the clock says."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import asyncpg

from adapters.postgres.embedded import OWNER, SUPERUSER
from benchmarks.queues.contender import Contender, Place
from benchmarks.queues.finish import VARIABLE, Finish

WARM_UP, IDLE_SECONDS, PATIENCE_SECONDS = 200, 0.05, 120
CHECKOUT = Path(__file__).parents[2]
NAMES = count()


@dataclass(frozen=True, kw_only=True)
class Lap:
    """What one system did: jobs a second from the first row to the last job's end, and milliseconds to each pick-up."""

    jobs_per_second: float
    produced_per_second: float
    producer_us: float
    pickups: list[float]


async def run_lap(contender: Contender, place: Place, *, jobs: int, pickups: int) -> Lap:
    """Run all the jobs of a lap. Raise `RuntimeError` if one was lost, or ran twice."""
    finish = Finish(place.folder / f"{place.database}.finish")
    async with _database(place):
        await contender.open(place)
        try:
            with _worker(contender, place, finish):
                await contender.produce(range(WARM_UP))
                await _finished(contender, finish, WARM_UP)
                waits = [await _pick_up(contender, finish, WARM_UP + n) for n in range(pickups)]
                return await _throughput(contender, finish, range(WARM_UP + pickups, WARM_UP + pickups + jobs), waits)
        finally:
            await contender.close()


async def _throughput(contender: Contender, finish: Finish, numbers: range, pickups: list[float]) -> Lap:
    started, cpu = time.monotonic(), time.process_time()
    await contender.produce(numbers)
    produced, cpu = time.monotonic() - started, time.process_time() - cpu
    await _finished(contender, finish, numbers.stop)
    seconds = time.monotonic() - started
    if finish.times().keys() != set(range(numbers.stop)):
        raise RuntimeError(f"{contender.name} did not run each job once.")
    return Lap(
        jobs_per_second=len(numbers) / seconds,
        produced_per_second=len(numbers) / produced,
        producer_us=cpu / len(numbers) * 1e6,
        pickups=pickups,
    )


async def _pick_up(contender: Contender, finish: Finish, number: int) -> float:
    """Give an idle worker one job, and return the milliseconds from before its row until it ran."""
    await asyncio.sleep(IDLE_SECONDS)
    started = time.monotonic_ns()
    await contender.produce(range(number, number + 1))
    await _finished(contender, finish, number + 1)
    return (finish.times()[number] - started) / 1e6


async def _finished(contender: Contender, finish: Finish, jobs: int) -> None:
    seen, until = -1, 0.0
    while finish.count() < jobs or await contender.unfinished():
        if (now := finish.count()) > seen:
            seen, until = now, time.monotonic() + PATIENCE_SECONDS
        elif time.monotonic() > until:
            raise RuntimeError(f"{contender.name} ran {seen} of {jobs} jobs, and no other for {PATIENCE_SECONDS} s.")
        await asyncio.sleep(0.005)


@asynccontextmanager
async def _database(place: Place) -> AsyncIterator[None]:
    superuser = await asyncpg.connect(place.postgres.url(SUPERUSER, "postgres").replace("+asyncpg", ""))
    await superuser.execute(f"create database {place.database} owner {OWNER}")
    try:
        yield
    finally:
        await superuser.execute(f"drop database {place.database} with (force)")
        await superuser.close()


@contextmanager
def _worker(contender: Contender, place: Place, finish: Finish) -> Iterator[None]:
    """Run the worker, and end it by what its operator would send."""
    (program, *options), environment = contender.worker()
    command = [str(Path(sys.executable).parent / program), *options]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), VARIABLE: str(finish.path), **environment}
    log = place.folder / f"{place.database}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, cwd=CHECKOUT, stdout=output, stderr=output)  # noqa: S603 - a contender's own
    try:
        yield
    except Exception as error:
        error.add_note(log.read_text()[-3000:])
        raise
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)
