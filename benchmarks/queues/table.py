"""What the laps come to."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median, quantiles

from benchmarks.measure import Result
from benchmarks.queues.lap import Lap

Laps = Mapping[str, list[Lap]]
OURS = "Actionbus"
TARGETS = {"PgQueuer": 0.6}


def print_table(laps: Laps, *, jobs: int, at_once: int) -> None:
    """Print each system's median of its laps."""
    title = f"{jobs:,} rows and jobs, {at_once} at once"
    print(f"{title:<32} jobs/s      range  enqueued/s  producer  idle pick-up p50, p95")
    for name, each in laps.items():
        rates = [lap.jobs_per_second for lap in each]
        produced, cpu = median(lap.produced_per_second for lap in each), median(lap.producer_us for lap in each)
        waits = ", ".join(f"{_pick_up(each, percent):.1f}" for percent in (50, 95) if each[0].pickups)
        print(f"{name:<32} {median(rates):6.0f} {min(rates):5.0f}-{max(rates):<5.0f} {produced:10.0f}"
              f" {cpu:6.0f} us  {waits and f'{waits} ms':>22}", flush=True)  # fmt: skip


def results_of(laps: Laps, *, at_once: int) -> Iterator[Result]:
    """Yield ours beside each other one: jobs a second, by the ratio lap by lap, and the idle pick-up."""
    ours = laps[OURS]
    for name, theirs in laps.items():
        if name == OURS:
            continue
        yield Result(
            name=f"background, jobs a second, {at_once} at once, beside {name}",
            ratio=round(median(a.jobs_per_second / b.jobs_per_second for a, b in zip(ours, theirs, strict=True)), 3),
            target=TARGETS.get(name, 1.0),
            ours_us=_us_a_job(ours),
            alternative_us=_us_a_job(theirs),
            better="higher",
        )
        for percent in (50, 95) if ours[0].pickups else ():
            a, b = _pick_up(ours, percent), _pick_up(theirs, percent)
            yield Result(
                name=f"background, idle pick-up, p{percent}, beside {name}",
                ratio=round(a / b, 3),
                target=1.0,
                ours_us=round(a * 1000, 1),
                alternative_us=round(b * 1000, 1),
            )


def _us_a_job(laps: Sequence[Lap]) -> float:
    return round(median(1e6 / lap.jobs_per_second for lap in laps), 1)


def _pick_up(laps: Sequence[Lap], percent: int) -> float:
    return quantiles([wait for lap in laps for wait in lap.pickups], n=100)[percent - 1]
