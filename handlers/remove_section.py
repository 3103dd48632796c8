"""Remove a section."""

from dataclasses import replace
from operator import attrgetter
from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import TargetMissing, lock_kits, misplaced, section_beside
from ports.library import Asset, AssetNameTaken, KitArchived, Section
from ports.repo import EntityNotFound, Repo, every


class RemoveSection(
    ActionHandler,
    permission="section.edit",
    problems=(EntityNotFound, PermissionMissing, KitArchived, TargetMissing, AssetNameTaken),
    timeout=600.0,
):
    """Remove a section, its assets put into the trash or into another section; those after it move up.

    Where one of its assets has a name that is taken in the other section, nothing is done.
    """

    repo: Repo
    checkpoint: Checkpoint

    section_id: UUID = Arg(description="The section.")
    assets: Literal["trash", "move"] = Arg(description="Where its assets go; with `move`, those in the trash go along.")
    to_section_id: UUID | None = Arg(default=None, description="With `move`: another section of the same space.")

    async def validate(self) -> None:
        section = await self.repo.get(Section, self.section_id)
        await self.checkpoint.require(self.permission, within=section)
        await self._target(section)

    async def execute(self) -> Section:
        section = await self.repo.get(Section, self.section_id)
        target = await self._target(section)
        await lock_kits(self.repo, section, target or section)
        section = await self.repo.get(Section, self.section_id)
        target = await self._target(section)
        async for asset in every(self.repo, Asset, section_id=section.id):
            await self.repo.save(self._sent_off(asset, target))
        await self.repo.remove(section)
        left = [each async for each in every(self.repo, Section, kit_id=section.kit_id)]
        for each in misplaced(sorted(left, key=attrgetter("position"))):
            await self.repo.save(each)
        return section

    async def _target(self, section: Section) -> Section | None:
        if self.assets == "trash":
            return None
        if self.to_section_id in (None, section.id):
            raise TargetMissing
        return await section_beside(self.repo, self.to_section_id, of=section)

    def _sent_off(self, asset: Asset, target: Section | None) -> Asset:
        if target is None:
            return replace(asset, section_id=None, removed_at=asset.removed_at or self.execution.at)
        return replace(asset, section_id=target.id, kit_id=target.kit_id)
