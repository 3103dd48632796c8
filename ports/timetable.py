"""The timetable: when scheduled actions run next, and when they ran last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from ports.problem import NotFound
from ports.schedule import Schedule


class NotScheduled(NotFound):
    """No action of this name runs by itself.

    `list_schedules` lists those that do.
    """

    action: str


@dataclass(frozen=True, kw_only=True)
class Timing:
    """When an action runs next, and the last tick that it was started for, by which execution."""

    action: str
    cron: str
    zone: str
    next_at: datetime
    last_at: datetime | None = None
    last_execution_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Due:
    """A tick that has come: the line of the timetable that says so, and the time by which it was looked at."""

    timing: Timing
    now: datetime

    @property
    def at(self) -> datetime:
        """The tick; of several that were missed, the first."""
        return self.timing.next_at

    @property
    def next_at(self) -> datetime:
        """The first tick that is still to come, by what the line says."""
        return Schedule(self.timing.cron, self.timing.zone).next_after(self.now)


class Timetable(Protocol):
    """A line for each scheduled action, within the transaction of the unit of work.

    Workers that run an older or a newer code share it: what this code does not schedule is not its business. `now` is
    the time by the database's clock, unless it is given.
    """

    @property
    def schedules(self) -> Mapping[str, Schedule]:
        """What this code schedules, by the names of its actions."""
        ...

    async def keep(self, *, now: datetime | None = None) -> None:
        """Add the actions that are new, and move those whose cron or zone is another now; forget none.

        They run at the first tick from now on; but what is overdue stays so, and is caught up with first.
        """
        ...

    async def due(self, *, now: datetime | None = None) -> list[Due]:
        """Take the actions whose tick has come: until the transaction ends, nobody else is given them."""
        ...

    async def ran(self, due: Due, /, *, execution_id: UUID) -> None:
        """Write down which execution was started for the tick, and when the next one is."""
        ...

    async def seconds_until_next(self, *, now: datetime | None = None) -> float | None:
        """Return how long it is until the next tick of any action, 0 if it has come; None if there is none."""
        ...

    async def timings(self) -> Mapping[str, Timing]:
        """Return the lines that there are, by the names of their actions."""
        ...
