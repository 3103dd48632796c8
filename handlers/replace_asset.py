"""Replace the file of an asset."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.files import File, FileNotStored, Sha256
from ports.kits import lock_kits
from ports.library import Asset, AssetRemoved, KitArchived, NotAnImage
from ports.repo import EntityNotFound, Repo, VersionMismatch
from ports.trash import kept
from ports.usage import QuotaExceeded


class ReplaceAsset(
    ActionHandler,
    permission="asset.edit",
    problems=(
        EntityNotFound, PermissionMissing, KitArchived, AssetRemoved, FileNotStored, NotAnImage, VersionMismatch,
        QuotaExceeded,
    ),
):  # fmt: skip
    """Give an asset another file; its name, section and tags stay. Upload the file first: `POST /files`."""

    repo: Repo
    checkpoint: Checkpoint
    actions: Actions

    asset_id: UUID = Arg(description="The asset.")
    file: Sha256 = Arg(description="The SHA-256 of a file that you uploaded, or may see.")
    expected_version: int = Arg(
        ge=1, description="The `version` that you saw; if it has changed since, nothing is done."
    )

    async def validate(self) -> None:
        asset = await self.repo.get(Asset, self.asset_id)
        await self.checkpoint.require(self.permission, within=asset)

    async def execute(self) -> Asset:
        file = await self.actions.execute("find_file", {"sha256": self.file}, returns=File)
        if not file.media_type.startswith("image/"):
            raise NotAnImage(media_type=file.media_type)
        await lock_kits(self.repo, await self.repo.get(Asset, self.asset_id))
        asset = kept(await self.repo.lock(Asset, self.asset_id))
        return await self.repo.save(replace(asset, **vars(file), version=self.expected_version))
