"""Create a kit, unless its name is taken."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import Kit, KitNameTaken, Name, Visibility
from ports.repo import EntityNotFound, Repo


class CreateKit(ActionHandler, permission="kit.create", problems=(EntityNotFound, PermissionMissing, KitNameTaken)):
    """Create an empty kit in a space."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space that will own the kit.")
    name: Name = Arg(description="Unique in its space.", examples=["Brand"])
    visibility: Visibility = Arg(default="private", description="Who may see it.")

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Kit:
        kit = Kit(id=self.execution.new_id(), space_id=self.space_id, name=self.name, visibility=self.visibility)
        return await self.repo.add(kit)
