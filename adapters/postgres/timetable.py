"""The timetable in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.schedule import Schedule
from ports.timetable import Due, Timing

NOW = "select coalesce($1, now())"
# In one order, so that two workers that begin at once do not wait for each other.
KEEP = """
insert into schedules as kept (action, cron, zone, next_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) as given (action, cron, zone, next_at)
order by action
on conflict (action) do update set cron = excluded.cron, zone = excluded.zone,
    next_at = case when kept.next_at <= $5 then kept.next_at else excluded.next_at end
where (kept.cron, kept.zone) is distinct from (excluded.cron, excluded.zone)
"""
# A line that another holds is being started; nobody waits to see that it is not due any more.
DUE = """
select *, coalesce($2, now()) as now from schedules
where action = any($1) and next_at <= coalesce($2, now()) order by next_at, action for update skip locked
"""
RAN = "update schedules set next_at = $2, last_at = $3, last_execution_id = $4 where action = $1"
UNTIL_NEXT = """
select extract(epoch from greatest(next_at - coalesce($2, clock_timestamp()), interval '0'))::float8
from schedules where action = any($1) order by next_at limit 1
"""
TIMINGS = "select * from schedules where action = any($1)"


class PostgresTimetable:
    """Lines as rows, of which each is locked by who starts its action."""

    def __init__(self, unit: PostgresUnitOfWork, schedules: Mapping[str, Schedule]) -> None:
        self._unit, self.schedules = unit, schedules

    async def keep(self, *, now: datetime | None = None) -> None:
        """See `Timetable`."""
        driver = await self._unit.driver()
        at: datetime = await driver.fetchval(NOW, now)
        lines = [(action, each.cron, each.zone, each.next_after(at)) for action, each in self.schedules.items()]
        if lines:
            await driver.execute(KEEP, *map(list, zip(*lines, strict=True)), at)

    async def due(self, *, now: datetime | None = None) -> list[Due]:
        """See `Timetable`."""
        rows = await (await self._unit.driver()).fetch(DUE, [*self.schedules], now)
        return [Due(timing=_timing(row), now=row["now"]) for row in rows]

    async def ran(self, due: Due, /, *, execution_id: UUID) -> None:
        """See `Timetable`."""
        driver = await self._unit.driver()
        await driver.execute(RAN, due.timing.action, due.next_at, due.at, execution_id)

    async def seconds_until_next(self, *, now: datetime | None = None) -> float | None:
        """See `Timetable`."""
        seconds: float | None = await (await self._unit.driver()).fetchval(UNTIL_NEXT, [*self.schedules], now)
        return seconds

    async def timings(self) -> Mapping[str, Timing]:
        """See `Timetable`."""
        rows = await (await self._unit.driver()).fetch(TIMINGS, [*self.schedules])
        return {row["action"]: _timing(row) for row in rows}


def _timing(row: Any) -> Timing:
    return Timing(**{name: row[name] for name in Timing.__dataclass_fields__})
