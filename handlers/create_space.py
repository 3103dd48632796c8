"""Create a space."""

from ports.action import ActionHandler, Arg
from ports.library import Member, Name, Space, SpaceNameTaken
from ports.repo import Repo


class CreateSpace(ActionHandler, permission="space.create", problems=(SpaceNameTaken,)):
    """Create a space for a team's kits, with you as its owner."""

    repo: Repo

    name: Name = Arg(description="Shown to its members.", examples=["Design"])

    async def execute(self) -> Space:
        actor = self.execution.caller.actor
        space = await self.repo.add(Space(id=self.execution.new_id(), name=self.name, created_by=actor))
        await self.repo.add(Member(id=self.execution.new_id(), space_id=space.id, actor=actor, role="owner"))
        return space
