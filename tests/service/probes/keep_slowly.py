"""Keep a kit, and go on after another action that took too long."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions, TimedOut
from ports.library import Kit
from ports.repo import Repo


class KeepSlowly(ActionHandler, permission="kit.create"):
    """Keep a kit, and go on after another action that took too long."""

    repo: Repo
    actions: Actions

    space_id: UUID = Arg()

    async def execute(self) -> str:
        await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name="mine"))
        try:
            await self.actions.execute("be_slow", {"space_id": self.space_id})
        except TimedOut as problem:
            return problem.code
        return "in time"
