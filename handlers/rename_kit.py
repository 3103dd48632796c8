"""Rename a kit."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import writable
from ports.library import Kit, KitArchived, KitNameTaken, Name, Space
from ports.repo import EntityNotFound, Repo, VersionMismatch


class RenameKit(
    ActionHandler,
    permission="kit.edit",
    problems=(EntityNotFound, PermissionMissing, KitArchived, KitNameTaken, VersionMismatch),
):
    """Give a kit another name."""

    repo: Repo
    checkpoint: Checkpoint

    kit_id: UUID = Arg(description="The kit.")
    name: Name = Arg(description="Unique in its space.", examples=["Brand 2027"])
    expected_version: int = Arg(
        ge=1, description="The `version` that you saw; if it has changed since, nothing is done."
    )

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)

    async def execute(self) -> Kit:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.repo.lock(Space, kit.space_id)  # two kits that take each other's names would wait for each other
        writable(await self.repo.lock(Kit, self.kit_id))
        return await self.repo.save(replace(kit, name=self.name, version=self.expected_version))
