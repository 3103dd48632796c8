"""Take an asset out of the trash."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import lock_kits, section_beside
from ports.library import Asset, AssetNameTaken, KitArchived, Section
from ports.repo import EntityNotFound, Repo
from ports.trash import AssetNotRemoved, SectionGone


class RestoreAsset(
    ActionHandler,
    permission="asset.remove",
    problems=(EntityNotFound, PermissionMissing, KitArchived, AssetNotRemoved, SectionGone, AssetNameTaken),
):
    """Take an asset out of the trash, back to its section or to another of the same space."""

    repo: Repo
    checkpoint: Checkpoint

    asset_id: UUID = Arg(description="The asset.")
    section_id: UUID | None = Arg(default=None, description="The section; needed only if its own was removed.")

    async def validate(self) -> None:
        asset = await self.repo.get(Asset, self.asset_id)
        await self.checkpoint.require(self.permission, within=asset)
        await self._section(asset)

    async def execute(self) -> Asset:
        asset = await self.repo.get(Asset, self.asset_id)
        await lock_kits(self.repo, asset, await self._section(asset))
        asset = await self.repo.lock(Asset, self.asset_id)
        section = await self._section(asset)
        return await self.repo.save(replace(asset, kit_id=section.kit_id, section_id=section.id, removed_at=None))

    async def _section(self, asset: Asset) -> Section:
        if asset.removed_at is None:
            raise AssetNotRemoved(asset_id=asset.id)
        section_id = self.section_id or asset.section_id
        if section_id is None:
            raise SectionGone(asset_id=asset.id)
        return await section_beside(self.repo, section_id, of=asset)
