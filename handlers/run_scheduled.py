"""Run now what runs by itself."""

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.background import Accepted
from ports.checkpoint import ScopeMissing
from ports.timetable import NotScheduled, Timetable


class RunScheduled(ActionHandler, permission="schedule.run", operator=True, problems=(NotScheduled, ScopeMissing)):
    """Run now what runs by itself.

    An execution is queued, with the arguments of the schedule, whose next time stays what it is. Your credentials need
    the permission of that action, too.
    """

    timetable: Timetable
    actions: Actions

    action: str = Arg(max_length=100, description="Its name.", examples=["sweep_uploads"])

    async def validate(self) -> None:
        if self.action not in self.timetable.schedules:
            raise NotScheduled(action=self.action)

    async def execute(self) -> Accepted:
        schedule = self.timetable.schedules[self.action]
        queued = await self.actions.enqueue(self.action, schedule.arguments)
        return Accepted(id=queued, action=self.action)
