"""List the actions that run by themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ports.action import ActionHandler
from ports.history import Excerpt, History
from ports.ledger import State
from ports.timetable import Timetable, Timing


@dataclass(frozen=True, kw_only=True)
class ScheduledAction:
    """An action that runs by itself; until a worker has seen its schedule, it has no next time.

    `last_at` is the tick that it was last started for, by the execution that is named with its present state.
    """

    action: str
    cron: str
    zone: str
    next_at: datetime | None
    last_at: datetime | None
    last_execution_id: UUID | None
    last_state: State | None


class ListSchedules(ActionHandler, permission="schedule.read", readonly=True, operator=True):
    """List the actions that run by themselves: when they do next, and what came of the last time."""

    timetable: Timetable
    history: History

    async def execute(self) -> Excerpt[ScheduledAction]:
        timings = await self.timetable.timings()
        items = [await self._shown(action, timings.get(action)) for action in sorted(self.timetable.schedules)]
        return Excerpt(items=items, next_cursor=None)

    async def _shown(self, action: str, timing: Timing | None) -> ScheduledAction:
        last = timing.last_execution_id if timing else None
        said = timing or self.timetable.schedules[action]
        return ScheduledAction(
            action=action,
            cron=said.cron,
            zone=said.zone,
            next_at=timing.next_at if timing else None,
            last_at=timing.last_at if timing else None,
            last_execution_id=last,
            last_state=(await self.history.execution(last)).state if last else None,
        )
