"""Import the images of an archive into a kit."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.files import ArchiveRefused, Entry, FileNotStored, FileStore, Sha256
from ports.library import Asset, AssetNameTaken, Kit, Section, fitting_name
from ports.progress import Progress
from ports.repo import EntityNotFound, Repo, every

UNSORTED = "Unsorted"


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """How many were added, and how many left out, by the reason why."""

    sections_added: int
    assets_added: int
    skipped: dict[str, int]


class ImportAssets(
    ActionHandler,
    permission="asset.create",
    problems=(EntityNotFound, PermissionMissing, FileNotStored, ArchiveRefused),
    timeout=600.0,
):
    """Add the images of a ZIP archive: folders become sections, files become assets.

    A name that exists is skipped and counted, so a second run changes nothing. Upload the archive first: `POST /files`.
    """

    repo: Repo
    checkpoint: Checkpoint
    files: FileStore
    actions: Actions
    progress: Progress

    kit_id: UUID = Arg(description="The kit.")
    archive: Sha256 = Arg(description="The SHA-256 of the uploaded archive.")

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)
        await self.actions.execute("find_file", {"sha256": self.archive})

    async def execute(self) -> ImportReport:
        kit = await self.repo.lock(Kit, self.kit_id)
        sections = {section.name: section async for section in every(self.repo, Section, kit_id=kit.id)}
        present = len(sections)
        counts: Counter[str] = Counter()
        async for entry in self.files.unpack(self.archive):
            counts[await self._keep(entry, kit, sections)] += 1
            self.progress.report(counts.total(), total=entry.total, note=entry.name)
        added = counts.pop("added", 0)
        return ImportReport(sections_added=len(sections) - present, assets_added=added, skipped=dict(counts))

    async def _keep(self, entry: Entry, kit: Kit, sections: dict[str, Section]) -> str:
        """Add what an entry stands for, and return what to count it as."""
        name, folder = fitting_name(entry.name), fitting_name("/".join(entry.folders) or UNSORTED)
        if entry.file is None or name is None or folder is None:
            return entry.refused or "unsuitable_name"
        if folder not in sections:
            sections[folder] = await self._add_section(kit, folder, position=len(sections))
        asset = Asset(
            id=self.execution.new_id(),
            space_id=kit.space_id,
            kit_id=kit.id,
            section_id=sections[folder].id,
            name=name,
            **vars(entry.file),
        )
        try:
            await self.repo.add(asset)
        except AssetNameTaken:
            return "exists"
        return "added"

    async def _add_section(self, kit: Kit, name: str, *, position: int) -> Section:
        section_id = self.execution.new_id()
        section = Section(id=section_id, space_id=kit.space_id, kit_id=kit.id, name=name, position=position)
        return await self.repo.add(section)
