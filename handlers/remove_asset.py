"""Put an asset into the trash."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import lock_kits
from ports.library import Asset, AssetRemoved, KitArchived
from ports.repo import EntityNotFound, Repo
from ports.trash import kept


class RemoveAsset(
    ActionHandler, permission="asset.remove", problems=(EntityNotFound, PermissionMissing, KitArchived, AssetRemoved)
):
    """Put an asset into the trash of its kit, which frees its name; it can be restored until the trash is emptied."""

    repo: Repo
    checkpoint: Checkpoint

    asset_id: UUID = Arg(description="The asset.")

    async def validate(self) -> None:
        asset = await self.repo.get(Asset, self.asset_id)
        await self.checkpoint.require(self.permission, within=asset)

    async def execute(self) -> Asset:
        await lock_kits(self.repo, await self.repo.get(Asset, self.asset_id))
        asset = kept(await self.repo.lock(Asset, self.asset_id))
        return await self.repo.save(replace(asset, removed_at=self.execution.at))
