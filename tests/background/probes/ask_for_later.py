"""Ask for what is in the background only."""

from ports.action import ActionHandler
from ports.actions import Actions
from ports.background import BackgroundOnly


class AskForLater(ActionHandler, permission="number.give", problems=(BackgroundOnly,)):
    """Ask for it now, within this action."""

    actions: Actions

    async def execute(self) -> None:
        await self.actions.execute("come_later", {})
