"""The timetable in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from adapters.memory.store import MemoryStore, Retimed
from ports.schedule import Schedule
from ports.timetable import Due, Timing


class MemoryTimetable:
    """Lines in a dictionary; a transaction holds those that it was given."""

    def __init__(self, store: MemoryStore, schedules: Mapping[str, Schedule]) -> None:
        self._store, self.schedules = store, schedules

    async def keep(self, *, now: datetime | None = None) -> None:
        """See `Timetable`."""
        at = now or datetime.now(UTC)
        for action, given in self.schedules.items():
            kept = self._store.timings.get(action)
            if kept is None or (kept.cron, kept.zone) != (given.cron, given.zone):
                line = kept or Timing(action=action, cron=given.cron, zone=given.zone, next_at=given.next_after(at))
                next_at = line.next_at if line.next_at <= at else given.next_after(at)
                self._set(replace(line, cron=given.cron, zone=given.zone, next_at=next_at))

    async def due(self, *, now: datetime | None = None) -> list[Due]:
        """See `Timetable`."""
        at, others = now or datetime.now(UTC), self._store.keys - self._store.claimed
        lines = [line for line in self._lines() if line.next_at <= at and _key(line.action) not in others]
        held = {_key(line.action) for line in lines}
        self._store.keys |= held
        self._store.claimed |= held
        return [Due(timing=line, now=at) for line in sorted(lines, key=lambda line: (line.next_at, line.action))]

    async def ran(self, due: Due, /, *, execution_id: UUID) -> None:
        """See `Timetable`."""
        line = self._store.timings[due.timing.action]
        self._set(replace(line, next_at=due.next_at, last_at=due.at, last_execution_id=execution_id))

    async def seconds_until_next(self, *, now: datetime | None = None) -> float | None:
        """See `Timetable`."""
        at = now or datetime.now(UTC)
        return min((max((line.next_at - at).total_seconds(), 0.0) for line in self._lines()), default=None)

    async def timings(self) -> Mapping[str, Timing]:
        """See `Timetable`."""
        return {line.action: line for line in self._lines()}

    def _lines(self) -> list[Timing]:
        return [line for action, line in self._store.timings.items() if action in self.schedules]

    def _set(self, line: Timing) -> None:
        self._store.write(Retimed(before=self._store.timings.get(line.action), after=line))


def _key(action: str) -> tuple[str, str, str]:
    return ("", action, "schedule")  # nobody's idempotency key
