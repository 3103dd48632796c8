"""Keep a kit under a name whose argument was once called otherwise."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.library import Kit
from ports.repo import Repo


class LabelKit(ActionHandler, permission="kit.create"):
    """Keep a kit under a name whose argument was once called otherwise."""

    repo: Repo

    space_id: UUID = Arg()
    name: str = Arg(aliases=("title",))

    async def execute(self) -> Kit:
        return await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name=self.name))
