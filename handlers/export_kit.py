"""Export a kit as an archive."""

from collections.abc import AsyncIterator
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.files import ArchiveTooLarge, File, FileNotStored, FileStore, PackedFile
from ports.library import Kit, Section
from ports.manifest import MANIFEST, Manifest, Paths, Placed
from ports.progress import Progress
from ports.repo import EntityNotFound, Repo, every
from ports.serializer import Serializer
from ports.tags import Tag, tagged


class ExportKit(
    ActionHandler,
    permission="kit.export",
    problems=(EntityNotFound, PermissionMissing, ArchiveTooLarge, FileNotStored),
    timeout=600.0,
):
    """Pack a kit into a ZIP archive: a folder for each section, and `manifest.json` with names, order and tags.

    The trash is left out. The archive counts as uploaded by you: download it (`GET /files/<sha256>`), or import it
    into another kit, which then has the same sections, assets and tags. The same kit makes the same bytes.
    """

    repo: Repo
    checkpoint: Checkpoint
    files: FileStore
    serializer: Serializer
    actions: Actions
    progress: Progress

    kit_id: UUID = Arg(description="The kit.")

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)

    async def execute(self) -> File:
        manifest = await self._manifest(await self.repo.get(Kit, self.kit_id))
        file = await self.files.pack(self._entries(manifest))
        return await self.actions.execute("record_upload", vars(file), returns=File)

    async def _manifest(self, kit: Kit) -> Manifest:
        found = [section async for section in every(self.repo, Section, kit_id=kit.id)]
        sections = sorted(found, key=lambda section: section.position)
        paths = Paths(MANIFEST)
        folders = {section: paths.named(section.name) for section in sections}
        assets = [
            (section, asset, tags)
            for section in sections
            async for asset, tags in tagged(self.repo, section_id=section.id, removed_at=None)
        ]
        tag_names = {tag.id: tag.name async for tag in every(self.repo, Tag, space_id=kit.space_id)}
        placed = [
            Placed(
                path=paths.named(asset.name, folder=folders[section]),
                section=section.name,
                name=asset.name,
                sha256=asset.sha256,
                tags=sorted(tag_names[tag_id] for tag_id in tags),
            )
            for section, asset, tags in assets
        ]
        names = [section.name for section in sections]
        return Manifest(format="actionbus-kit-1", kit=kit.name, sections=names, assets=placed)

    async def _entries(self, manifest: Manifest) -> AsyncIterator[PackedFile]:
        yield PackedFile(path=MANIFEST, content=self.serializer.dump(manifest))
        for done, asset in enumerate(manifest.assets, start=1):
            yield PackedFile(path=asset.path, content=asset.sha256)
            self.progress.report(done, total=len(manifest.assets), note=asset.name)
