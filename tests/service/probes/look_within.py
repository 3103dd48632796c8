"""Run an action that only looks, within one that writes."""

from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions


class LookWithin(ActionHandler, permission="kit.create"):
    """Run what only reads, from what writes."""

    actions: Actions

    space_id: UUID = Arg()
    how: Literal["execute", "enqueue"] = Arg()

    async def execute(self) -> None:
        await self.actions.execute("look_and_keep", {"space_id": self.space_id, "how": self.how})
