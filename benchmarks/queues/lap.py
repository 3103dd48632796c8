"""One lap: a system, a database of its own, a worker, and what the clock says."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from adapters.postgres.embedded import OWNER, SUPERUSER
from benchmarks.queues.contender import Contender, Place
from benchmarks.queues.finish import VARIABLE, Finish

WARM_UP, IDLE_SECONDS, LOOK_SECONDS, PATIENCE_SECONDS = 200, 0.05, 0.005, 120
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Lap:
    """What one system did: jobs a second from the first row to the last job's end, and milliseconds to each pick-up.

    `produced_per_second` is of rows and jobs alone; `producer_us` is this process's CPU time for each of them.
    """

    jobs_per_second: float
    produced_per_second: float
    producer_us: float
    pickups: list[float]


async def run_lap(contender: Contender, place: Place, *, jobs: int, pickups: int) -> Lap:
    """Run all the jobs of a lap. Raise `RuntimeError` if one was lost, or ran twice, or the worker ended."""
    finish = Finish(place.folder / "finish")
    async with _database(place):
        await contender.open(place)
        try:
            with _worker(contender, place, finish) as worker:
                course = Course(contender=contender, finish=finish, worker=worker)
                await contender.produce(range(WARM_UP))
                await course.finished(WARM_UP)
                waits = [await course.pick_up(WARM_UP + n) for n in range(pickups)]
                return await course.throughput(range(WARM_UP + pickups, WARM_UP + pickups + jobs), waits)
        finally:
            await contender.close()


@dataclass(frozen=True, kw_only=True)
class Course:
    """A system at work."""

    contender: Contender
    finish: Finish
    worker: subprocess.Popen[bytes]

    async def throughput(self, numbers: range, pickups: list[float]) -> Lap:
        """Produce these jobs, wait until each ran, and return what the lap came to."""
        started, cpu = time.monotonic(), time.process_time()
        await self.contender.produce(numbers)
        produced, cpu = time.monotonic() - started, time.process_time() - cpu
        await self.finished(numbers.stop)
        seconds = time.monotonic() - started
        if self.finish.times().keys() != set(range(numbers.stop)):
            raise RuntimeError(f"{self.contender.name} did not run each job.")
        return Lap(
            jobs_per_second=len(numbers) / seconds,
            produced_per_second=len(numbers) / produced,
            producer_us=cpu / len(numbers) * 1e6,
            pickups=pickups,
        )

    async def pick_up(self, number: int) -> float:
        """Give an idle worker one job, and return the milliseconds from before its row until it ran."""
        await asyncio.sleep(IDLE_SECONDS)
        started = time.monotonic_ns()
        await self.contender.produce(range(number, number + 1))
        await self.finished(number + 1)
        return (self.finish.times()[number] - started) / 1e6

    async def finished(self, jobs: int) -> None:
        """Wait until so many jobs ran, and the system itself counts none that waits or runs."""
        seen, until = -1, 0.0
        while self.finish.count() < jobs or await self.contender.unfinished():
            if (ran := self.finish.count()) > seen:
                seen, until = ran, time.monotonic() + PATIENCE_SECONDS
            if self.worker.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self.contender.name} ran {seen} of {jobs} jobs, and will not run the others.")
            await asyncio.sleep(LOOK_SECONDS)


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
def _worker(contender: Contender, place: Place, finish: Finish) -> Iterator[subprocess.Popen[bytes]]:
    """Run the worker, and end it by the signal that its operator would send; its last words go with an error."""
    (program, *options), own = contender.worker()
    command = [str(Path(sys.executable).parent / program), *options]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), VARIABLE: str(finish.path), **own}
    log = place.folder / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, cwd=CHECKOUT, stdout=output, stderr=output)  # noqa: S603 - a contender's
    try:
        yield process
    except Exception as error:
        error.add_note(log.read_text()[-3000:])
        raise
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
