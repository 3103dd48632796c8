"""Add an asset to a section."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.files import File, FileNotStored, Sha256
from ports.kits import lock_kits
from ports.library import Asset, AssetNameTaken, KitArchived, Name, NotAnImage, Section
from ports.repo import EntityNotFound, Repo
from ports.usage import QuotaExceeded


class AddAsset(
    ActionHandler,
    permission="asset.create",
    problems=(
        EntityNotFound, PermissionMissing, KitArchived, FileNotStored, NotAnImage, AssetNameTaken, QuotaExceeded,
    ),
):  # fmt: skip
    """Add an image to a section. Upload the file first: `POST /files`."""

    repo: Repo
    checkpoint: Checkpoint
    actions: Actions

    section_id: UUID = Arg(description="The section.")
    name: Name = Arg(description="Unique in its section.", examples=["arrow-left.svg"])
    file: Sha256 = Arg(description="The SHA-256 of a file that you uploaded, or may see.")

    async def validate(self) -> None:
        section = await self.repo.get(Section, self.section_id)
        await self.checkpoint.require(self.permission, within=section)

    async def execute(self) -> Asset:
        file = await self.actions.execute("find_file", {"sha256": self.file}, returns=File)
        if not file.media_type.startswith("image/"):
            raise NotAnImage(media_type=file.media_type)
        await lock_kits(self.repo, await self.repo.get(Section, self.section_id))
        section = await self.repo.get(Section, self.section_id)
        return await self.repo.add(
            Asset(
                id=self.execution.new_id(),
                space_id=section.space_id,
                kit_id=section.kit_id,
                section_id=section.id,
                name=self.name,
                sha256=file.sha256,
                media_type=file.media_type,
                size=file.size,
                added_by=self.execution.caller.actor,
            )
        )
