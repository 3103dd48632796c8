"""Set who may see a kit."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import writable
from ports.library import Kit, KitArchived, Visibility
from ports.repo import EntityNotFound, Repo


class SetKitVisibility(
    ActionHandler, permission="kit.edit", idempotent=True, problems=(EntityNotFound, PermissionMissing, KitArchived)
):
    """Make a kit private or public."""

    repo: Repo
    checkpoint: Checkpoint

    kit_id: UUID = Arg(description="The kit.")
    visibility: Visibility = Arg(description="Who may see it.")

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)

    async def execute(self) -> Kit:
        kit = writable(await self.repo.lock(Kit, self.kit_id))
        return await self.repo.save(replace(kit, visibility=self.visibility))
