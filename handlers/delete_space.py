"""Delete a space."""

from typing import Any
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.entity import Entity
from ports.kits import SpaceInUse
from ports.library import Kit, Member, Section, Space
from ports.repo import EntityNotFound, Repo, every
from ports.sharing import Invitation, Share
from ports.tags import Tag
from ports.trash import purge


class DeleteSpace(
    ActionHandler,
    permission="space.delete",
    problems=(EntityNotFound, PermissionMissing, SpaceInUse),
    timeout=600.0,
):
    """Delete a space and everything in it for good, once each of its kits is archived; its history stays."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Space:
        space = await self.repo.lock(Space, self.space_id)
        kits = [await self.repo.lock(Kit, kit.id) async for kit in every(self.repo, Kit, space_id=space.id)]
        if in_use := await self.repo.count(Kit, space_id=space.id, archived_at=None):
            raise SpaceInUse(kit_count=in_use)
        for kit in kits:
            await self._remove_kit(kit)
        for kind in (Tag, Invitation, Member):
            await self._remove_all(kind, space_id=space.id)
        await self.repo.remove(space)
        return space

    async def _remove_kit(self, kit: Kit) -> None:
        await self._remove_all(Share, kit_id=kit.id)
        await purge(self.repo, kit_id=kit.id)
        await self._remove_all(Section, kit_id=kit.id)
        await self.repo.remove(kit)

    async def _remove_all(self, kind: type[Entity], **equal: Any) -> None:
        async for entity in every(self.repo, kind, **equal):
            await self.repo.remove(entity)
