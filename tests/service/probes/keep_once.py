"""Keep a kit, of which there is one execution at once."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.background import Unique
from ports.library import Kit, KitNameTaken
from ports.repo import Repo


class KeepOnce(ActionHandler, permission="kit.create", problems=(KitNameTaken,), unique=Unique()):
    """Keep a kit, of which there is one execution at once."""

    repo: Repo

    space_id: UUID = Arg()
    name: str = Arg()

    async def execute(self) -> Kit:
        return await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name=self.name))
