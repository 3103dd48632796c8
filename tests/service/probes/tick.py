"""Tell the year by itself."""

from ports.action import ActionHandler, Arg
from ports.schedule import Schedule

YEARLY = Schedule("0 0 1 1 *", arguments={"word": "tick"})


class Tick(ActionHandler, permission="clock.tick", operator=True, priority=7, schedule=YEARLY):
    """Run by itself, seldom enough to be in nobody's way."""

    word: str = Arg()

    async def execute(self) -> str:
        return self.word
