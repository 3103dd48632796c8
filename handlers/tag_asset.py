"""Tag an asset."""

from contextlib import suppress
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import lock_kits
from ports.library import Asset, AssetRemoved, KitArchived, Name
from ports.repo import EntityNotFound, Repo
from ports.tags import AlreadyTagged, Tag, tag_named, tagging
from ports.trash import kept


class TagAsset(
    ActionHandler,
    permission="asset.edit",
    idempotent=True,
    problems=(EntityNotFound, PermissionMissing, KitArchived, AssetRemoved),
):
    """Give an asset a tag, which is made if it is new in the space. If the asset has it already, nothing changes."""

    repo: Repo
    checkpoint: Checkpoint

    asset_id: UUID = Arg(description="The asset.")
    tag: Name = Arg(description="The tag's name.", examples=["navigation"])

    async def validate(self) -> None:
        asset = await self.repo.get(Asset, self.asset_id)
        await self.checkpoint.require(self.permission, within=asset)

    async def execute(self) -> Tag:
        await lock_kits(self.repo, await self.repo.get(Asset, self.asset_id))
        asset = kept(await self.repo.lock(Asset, self.asset_id))
        tag = await tag_named(self.repo, self.execution, space_id=asset.space_id, name=self.tag)
        with suppress(AlreadyTagged):
            await self.repo.add(tagging(self.execution, asset, tag.id))
        return tag
