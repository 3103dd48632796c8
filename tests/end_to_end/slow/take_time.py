"""Make a space, and take some time over it."""

import asyncio

from ports.action import ActionHandler, Arg
from ports.library import Member, Space
from ports.repo import Repo


class TakeTime(ActionHandler, permission="space.create"):
    """Make a space, and take some time over it."""

    repo: Repo

    name: str = Arg()
    seconds: float = Arg()

    async def execute(self) -> Space:
        actor = self.execution.caller.actor
        space = await self.repo.add(Space(id=self.execution.new_id(), name=self.name, created_by=actor))
        await self.repo.add(Member(id=self.execution.new_id(), space_id=space.id, actor=actor, role="owner"))
        await asyncio.sleep(self.seconds)
        return space
