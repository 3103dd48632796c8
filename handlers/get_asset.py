"""Read an asset with its tags."""

from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import Asset, Kit
from ports.repo import EntityNotFound, Repo
from ports.sight import Sight
from ports.tags import tags_of


@dataclass(frozen=True, kw_only=True)
class TaggedAsset:
    """An asset and the names of its tags, in their alphabetical order."""

    asset: Asset
    tags: list[str]


class GetAsset(ActionHandler, permission="asset.read", readonly=True, problems=(EntityNotFound, PermissionMissing)):
    """Read an asset, also one in the trash, and its tags. What a public kit holds may be read by everybody."""

    repo: Repo
    checkpoint: Checkpoint

    asset_id: UUID = Arg(description="The asset.")

    async def execute(self) -> TaggedAsset:
        asset = await self.repo.get(Asset, self.asset_id)
        kits = await self.repo.find(Kit, id=asset.kit_id, limit=1)
        if asset.removed_at is not None or not any(kit.is_open for kit in kits.items):
            await self.checkpoint.require(self.permission, within=asset)
        (shown,) = await Sight(self.repo, self.checkpoint, permission=self.permission).shown([asset])
        return TaggedAsset(asset=shown, tags=(await tags_of(self.repo, [asset.id]))[asset.id])
