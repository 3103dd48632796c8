"""Restore a kit that was archived."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import KitNotArchived
from ports.library import Kit
from ports.repo import EntityNotFound, Repo


class RestoreKit(ActionHandler, permission="kit.archive", problems=(EntityNotFound, PermissionMissing, KitNotArchived)):
    """Take a kit back into use, as it was when it was archived."""

    repo: Repo
    checkpoint: Checkpoint

    kit_id: UUID = Arg(description="The kit.")

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)

    async def execute(self) -> Kit:
        kit = await self.repo.lock(Kit, self.kit_id)
        if kit.archived_at is None:
            raise KitNotArchived(kit_id=kit.id)
        return await self.repo.save(replace(kit, archived_at=None))
