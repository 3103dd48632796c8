"""Take a tag from an asset."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import lock_kits
from ports.library import Asset, AssetRemoved, KitArchived, Name
from ports.repo import EntityNotFound, Repo
from ports.tags import NotTagged, Tag, Tagging
from ports.trash import kept


class UntagAsset(
    ActionHandler,
    permission="asset.edit",
    problems=(EntityNotFound, PermissionMissing, KitArchived, AssetRemoved, NotTagged),
):
    """Take a tag from an asset. The space keeps the tag, also when no asset has it any more."""

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
        tags = (await self.repo.find(Tag, space_id=asset.space_id, name=self.tag)).items
        taggings = (await self.repo.find(Tagging, asset_id=asset.id, tag_id=[tag.id for tag in tags])).items
        if not taggings:
            raise NotTagged(tag=self.tag)
        await self.repo.remove(taggings[0])
        return tags[0]
