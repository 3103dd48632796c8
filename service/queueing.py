"""The options by which a command queues its action for a worker."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from ports.action import ActionHandler
from ports.background import Later
from ports.ledger import takes_key

TEN_YEARS = 315_360_000
MAX_PRIORITY = 2**15 - 1
WISHES = ("at", "delay", "priority")


class Time(click.ParamType[datetime]):
    """A time as ISO 8601 has it; without an offset, that of the clock on the wall."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time."""
        try:
            return datetime.fromisoformat(value).astimezone()
        except (ValueError, OverflowError, OSError):
            self.fail(f"{value!r} is no time such as 2026-01-31T18:00 or 2026-01-31T18:00Z.", param, ctx)


def queueing_options(handler: type[ActionHandler]) -> Sequence[click.Parameter]:
    """Return the options of an action that may be run in the background."""
    if not takes_key(handler):  # it only reads, or has a secret that may be on no record
        return ()
    seconds, priority = click.IntRange(0, TEN_YEARS), click.IntRange(-MAX_PRIORITY, MAX_PRIORITY)
    return (
        click.Option(["--async", "_async"], is_flag=True, help="Queue it for a worker, and print the execution's id."),
        click.Option(["--wait", "_wait"], is_flag=True, help="With --async: watch it, and print what comes of it."),
        click.Option(["--at", "_at"], type=Time(), help="With --async: not before this time, as ISO 8601 has it."),
        click.Option(["--delay", "_delay"], type=seconds, help="With --async: not before so many seconds from now."),
        click.Option(
            ["--priority", "_priority"], type=priority, help=f"With --async: higher goes first.  [{handler.priority}]"
        ),
    )


def later_of(handler: type[ActionHandler], given: dict[str, Any]) -> tuple[Later | None, bool]:
    """Take from what is given to a command how its action is to be queued, if it is, and whether to wait for it."""
    queued = given.pop("_async", False) or handler.background
    wait: bool = given.pop("_wait", False)
    said = {name: given.pop(f"_{name}", None) for name in WISHES}
    wishes = {name: value for name, value in said.items() if value is not None}
    if not queued and (wait or wishes):
        raise click.UsageError(f"Say --async with --{[*wishes, 'wait'][0]}.")
    try:
        return Later(**wishes) if queued else None, wait
    except ValueError as error:
        raise click.UsageError(str(error)) from None
