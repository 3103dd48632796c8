"""Ask, while only looking, for a kit to be kept."""

from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions


class LookAndKeep(ActionHandler, permission="echo.run", readonly=True):
    """Ask for what writes, from what only reads."""

    actions: Actions

    space_id: UUID = Arg()
    how: Literal["execute", "enqueue"] = Arg()

    async def execute(self) -> None:
        ask = self.actions.execute if self.how == "execute" else self.actions.enqueue
        await ask("keep_kit", {"space_id": self.space_id, "name": "Red"})
