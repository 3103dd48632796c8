"""Move an asset to another section."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import lock_kits, section_beside
from ports.library import Asset, AssetNameTaken, AssetRemoved, KitArchived
from ports.repo import EntityNotFound, Repo
from ports.trash import kept


class MoveAsset(
    ActionHandler,
    permission="asset.edit",
    problems=(EntityNotFound, PermissionMissing, KitArchived, AssetRemoved, AssetNameTaken),
):
    """Move an asset to another section, of its kit or of another kit of the same space."""

    repo: Repo
    checkpoint: Checkpoint

    asset_id: UUID = Arg(description="The asset.")
    section_id: UUID = Arg(description="The section that it moves to.")

    async def validate(self) -> None:
        asset = await self.repo.get(Asset, self.asset_id)
        await self.checkpoint.require(self.permission, within=asset)
        await section_beside(self.repo, self.section_id, of=asset)

    async def execute(self) -> Asset:
        asset = await self.repo.get(Asset, self.asset_id)
        await lock_kits(self.repo, asset, await section_beside(self.repo, self.section_id, of=asset))
        section = await section_beside(self.repo, self.section_id, of=asset)
        asset = kept(await self.repo.lock(Asset, self.asset_id))
        return await self.repo.save(replace(asset, kit_id=section.kit_id, section_id=section.id))
