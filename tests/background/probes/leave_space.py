"""Leave a space."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.library import Member
from ports.repo import Repo


class LeaveSpace(ActionHandler, permission="space.leave"):
    """Take the caller out of a space."""

    repo: Repo

    space_id: UUID = Arg()

    async def execute(self) -> None:
        found = await self.repo.find(Member, space_id=self.space_id, actor=self.execution.caller.actor)
        await self.repo.remove(found.items[0])
