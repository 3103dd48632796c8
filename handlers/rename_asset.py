"""Rename an asset."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import lock_kits
from ports.library import Asset, AssetNameTaken, AssetRemoved, KitArchived, Name
from ports.repo import EntityNotFound, Repo, VersionMismatch
from ports.trash import kept


class RenameAsset(
    ActionHandler,
    permission="asset.edit",
    problems=(EntityNotFound, PermissionMissing, KitArchived, AssetRemoved, AssetNameTaken, VersionMismatch),
):
    """Give an asset another name."""

    repo: Repo
    checkpoint: Checkpoint

    asset_id: UUID = Arg(description="The asset.")
    name: Name = Arg(description="Unique in its section.", examples=["arrow-right.svg"])
    expected_version: int = Arg(
        ge=1, description="The `version` that you saw; if it has changed since, nothing is done."
    )

    async def validate(self) -> None:
        asset = await self.repo.get(Asset, self.asset_id)
        await self.checkpoint.require(self.permission, within=asset)

    async def execute(self) -> Asset:
        await lock_kits(self.repo, await self.repo.get(Asset, self.asset_id))
        asset = kept(await self.repo.lock(Asset, self.asset_id))
        return await self.repo.save(replace(asset, name=self.name, version=self.expected_version))
