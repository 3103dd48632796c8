"""Schedules: when an action runs by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import BaseModel

from ports.argument import InvalidArguments, check

FIELDS = 5


class ScheduleBroken(ValueError):
    """A schedule by which nothing can run; the message says why, and what to write."""


@dataclass(frozen=True)
class Schedule:
    """When an action runs by itself, and with which arguments, by name: `Schedule("0 3 * * *", zone="Europe/Berlin")`.

    `cron` has the five fields of Debian's crontab(5): minute, hour, day of the month, month, day of the week; there are
    also `L` and `LW`, the last day and the last working day of the month, and `1L` and `1#2`, its last and its second
    Monday. Where clocks are put forward, what runs at an hour that is left out runs at its end; where they are put
    back, at the first of two. What runs every hour, or more often, does so then, too.
    """

    cron: str
    zone: str = "UTC"
    arguments: Mapping[str, object] = field(default_factory=dict, hash=False)

    def next_after(self, at: datetime) -> datetime:
        """Return the first tick after that time, in UTC. Raise `ScheduleBroken`."""
        for tick in self._ticks(at.astimezone(self._zone())):
            # An hour that comes twice is read as the first, so the next tick by the clock may have been already.
            if (moment := tick.astimezone(UTC)) > at:
                return moment
        raise self._broken("not in fifty years")

    def _ticks(self, local: datetime) -> CronSim:
        if len(self.cron.split()) != FIELDS:
            raise self._broken("it has not five fields")
        try:
            return CronSim(self.cron, local)
        except CronSimError as error:
            raise self._broken(str(error).lower()) from None

    def _broken(self, reason: str) -> ScheduleBroken:
        mend = 'write minute, hour, day of the month, month and day of the week, as in "0 3 * * *"'
        return ScheduleBroken(f"{self.cron!r} says no time that ever comes: {reason}; {mend}.")

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # the last one: it is the name of a folder of zones
            raise ScheduleBroken(f'there is no time zone {self.zone!r}; write one as in "Europe/Berlin".') from None


def checked(said: object, model: type[BaseModel]) -> Schedule | None:
    """Return the schedule that a policy says, for an action with these arguments; a text is a cron expression in UTC.

    Raise `ScheduleBroken`, also for arguments that do not fit.
    """
    schedule = Schedule(said) if isinstance(said, str) else said
    if not isinstance(schedule, Schedule | None):
        raise ScheduleBroken('it says no times; write `schedule="0 3 * * *"` or `schedule=Schedule(...)`.')
    if schedule is not None:
        schedule.next_after(datetime.now(UTC))
        try:
            check(model, schedule.arguments)
        except InvalidArguments as problem:
            wrong = ", ".join(f"{error.pointer or '/'}: {error.detail}" for error in problem.errors)
            raise ScheduleBroken(f"its arguments do not fit the action's ({wrong}); mend them.") from None
    return schedule
