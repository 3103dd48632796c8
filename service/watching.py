"""The commands about work in the background: to watch an execution, and the workers."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import click

from ports.action import Execution
from ports.problem import Problem
from ports.workers import WorkerRecord
from service.composition import open_service
from service.outcome import Outcome
from service.shell import print_outcome, run_async, runner_in, settings_of
from service.watched import watched

REFRESH_SECONDS = 1.0
SILENT_SECONDS = 5.0  # a worker is heard of twice a second
TOP_LEFT = "\x1b[H\x1b[2J"


class HeardOf(Protocol):
    """What the action `list_workers` returns."""

    @property
    def items(self) -> Sequence[WorkerRecord]:
        """The workers."""
        ...

    @property
    def at(self) -> datetime:
        """When that was so."""
        ...


def print_end(execution_id: UUID, **flags: Any) -> None:
    """Draw how far an execution has come until it ends; then print its output or problem, as `run` does."""

    async def work() -> Outcome:
        async with open_service(settings_of(flags)) as service:
            try:
                return await watched(await runner_in(service), execution_id)
            except Problem as problem:
                return Outcome.of(problem, Execution(), recorded=False)

    print_outcome(run_async(work()))


def print_workers(*, watch: bool, **flags: Any) -> None:
    """Print a table of the workers on a terminal, elsewhere as JSON; to watch them, again and again."""

    async def work() -> Outcome:
        async with open_service(settings_of(flags)) as service:
            runner = await runner_in(service)
            while (outcome := await runner.run("list_workers", {})).problem is None and watch:
                _show(outcome, over=TOP_LEFT)
                await asyncio.sleep(REFRESH_SECONDS)
            return outcome

    _show(run_async(work()))


def _show(outcome: Outcome, *, over: str = "") -> None:
    if outcome.problem is None and sys.stdout.isatty():
        click.echo(over + table_of(outcome.output))
    else:
        print_outcome(outcome)


def table_of(heard_of: HeardOf) -> str:
    """Return the workers as a table for a terminal."""
    titles = ("HOST", "PID", "QUEUES", "RUNNING", "HEARD OF", "STATE", "WORKER")
    rows = [titles, *(_row(worker, heard_of.at) for worker in heard_of.items)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines if heard_of.items else ["There is no worker; `actionbus worker` begins one."])


def _row(worker: WorkerRecord, at: datetime) -> Sequence[str]:
    silent = max(0.0, (at - worker.seen_at).total_seconds())
    state = "silent" if silent > SILENT_SECONDS else "stopping" if worker.stopping else "working"
    running = f"{worker.running}/{worker.capacity}"
    queues = ",".join(worker.queues) or "all"
    return worker.host, str(worker.pid), queues, running, f"{silent:.0f} s ago", state, str(worker.id)
