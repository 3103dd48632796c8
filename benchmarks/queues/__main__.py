"""Run the systems in turn: `make bench-queues` prints the tables and writes results.json."""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop

from adapters.postgres.embedded import EmbeddedPostgres
from benchmarks.measure import keep
from benchmarks.queues.actionbus import WithActionbus
from benchmarks.queues.brokers import rabbitmq, redis
from benchmarks.queues.celery import WithCelery
from benchmarks.queues.contender import Contender, Place
from benchmarks.queues.lap import run_lap
from benchmarks.queues.pgqueuer import WithPgQueuer
from benchmarks.queues.procrastinate import WithProcrastinate
from benchmarks.queues.table import Laps, print_table, results_of

JOBS = 10_000


async def main(options: argparse.Namespace) -> None:
    """Measure, print, and write unless it was a try."""
    with tempfile.TemporaryDirectory(prefix="actionbus-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        postgres = stack.enter_context(EmbeddedPostgres(folder / "data"))
        contenders = [c for c in _contenders(folder, stack) if options.only.lower() in c.name.lower()]
        for at_once in options.at_once:
            place = Place(postgres=postgres, database="lap", folder=folder, at_once=at_once)
            pickups = options.pickups if at_once == 1 else 0
            laps: Laps = {contender.name: [] for contender in contenders}
            for _ in range(options.rounds):
                for each in contenders:
                    laps[each.name].append(await run_lap(each, place, jobs=options.jobs, pickups=pickups))
            print_table(laps, jobs=options.jobs, at_once=at_once)
            if options.jobs == JOBS and not options.only:
                keep(results_of(laps, at_once=at_once))


def _contenders(folder: Path, stack: ExitStack) -> Iterator[Contender]:
    yield WithActionbus()
    yield WithActionbus(log_level="info")
    yield WithPgQueuer()
    yield WithProcrastinate()
    for start in (redis, rabbitmq):
        own = folder / start.__name__
        own.mkdir()
        if broker := stack.enter_context(start(own)):
            yield WithCelery(broker)
        else:
            print(f"Celery is not measured on {start.__name__}, which is not installed.")


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queues", description=__doc__)
    parser.add_argument("--jobs", type=int, default=JOBS, help="jobs in each lap")
    parser.add_argument("--pickups", type=int, default=67, help="jobs, one at a time, for an idle worker in each lap")
    parser.add_argument("--rounds", type=int, default=3, help="laps of each system, in turn")
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 8], help="producers at once")
    parser.add_argument("--only", default="", help="those alone whose name has this in it")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    uvloop.run(main(_options()))
