"""Found a space for the tests."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.library import Member, Space
from ports.repo import Repo


class FoundSpace(ActionHandler, permission="space.create"):
    """Found a space of this id, whose owner is the caller."""

    repo: Repo

    space_id: UUID = Arg()

    async def execute(self) -> Space:
        caller = self.execution.caller.actor
        space = await self.repo.add(Space(id=self.space_id, name="Space", created_by=caller))
        await self.repo.add(Member(id=self.execution.new_id(), space_id=space.id, actor=caller, role="owner"))
        return space
