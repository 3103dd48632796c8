"""Ask for another action in the background, and wait for it, which cannot be."""

from typing import Any
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions


class CallLater(ActionHandler, permission="kit.create"):
    """Ask for another action in the background, and wait for it, which cannot be."""

    actions: Actions

    space_id: UUID = Arg()

    async def execute(self) -> str:
        runner: Any = self.actions
        try:
            await runner.execute_async("keep_kit", {"space_id": self.space_id, "name": "Never"})
        except RuntimeError as error:
            return str(error)
        return "queued"
