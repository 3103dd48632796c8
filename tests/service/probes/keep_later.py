"""Keep a kit, in the background only."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.library import Kit, KitNameTaken
from ports.repo import Repo


class KeepLater(ActionHandler, permission="kit.create", problems=(KitNameTaken,), background=True):
    """Keep a kit, in the background only."""

    repo: Repo

    space_id: UUID = Arg()
    name: str = Arg()

    async def execute(self) -> Kit:
        return await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name=self.name))
