"""Import the images of an archive into a kit."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.files import ArchiveRefused, Entry, FileNotStored, FileStore, Sha256
from ports.filling import Filling
from ports.kits import writable
from ports.library import AssetNameTaken, Kit, KitArchived, fitting_name
from ports.manifest import Placed, places_in
from ports.progress import Progress
from ports.repo import EntityNotFound, Repo
from ports.serializer import Serializer
from ports.usage import QuotaExceeded


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """How many were added, and how many left out, by the reason why."""

    sections_added: int
    assets_added: int
    skipped: dict[str, int]


class ImportAssets(
    ActionHandler,
    permission="asset.create",
    idempotent=True,
    problems=(EntityNotFound, PermissionMissing, KitArchived, FileNotStored, ArchiveRefused, QuotaExceeded),
    timeout=600.0,
):
    """Add the images of a ZIP archive: folders become sections, files become assets, an exported kit as it was.

    A name that exists, the trash left aside, is skipped and counted. Upload the archive first: `POST /files`.
    """

    repo: Repo
    checkpoint: Checkpoint
    files: FileStore
    serializer: Serializer
    actions: Actions
    progress: Progress

    kit_id: UUID = Arg(description="The kit.")
    archive: Sha256 = Arg(description="The SHA-256 of the uploaded archive.")

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)
        await self.actions.execute("find_file", {"sha256": self.archive})

    async def execute(self) -> ImportReport:
        kit = writable(await self.repo.lock(Kit, self.kit_id))
        places = await places_in(self.archive, files=self.files, serializer=self.serializer)
        filling = Filling(kit, repo=self.repo, execution=self.execution)
        await filling.begin(sections=places.sections, tags=places.tags)
        counts: Counter[str] = Counter()
        async for entry in self.files.unpack(self.archive):
            counts[await self._keep(entry, places.of(entry), filling)] += 1
            self.progress.report(counts.total(), total=entry.total, note=entry.name)
        added, _ = counts.pop("added", 0), counts.pop("manifest", 0)
        return ImportReport(sections_added=filling.sections_added, assets_added=added, skipped=dict(counts))

    async def _keep(self, entry: Entry, placed: Placed | None, filling: Filling) -> str:
        """Add what an entry stands for, and return what to count it as."""
        if placed is None:
            return "manifest"
        name, section = fitting_name(placed.name), fitting_name(placed.section)
        if entry.file is None or name is None or section is None:
            return entry.refused or "unsuitable_name"
        try:
            await filling.add(entry.file, section=section, name=name, tags=placed.tags)
        except AssetNameTaken:
            return "exists"
        return "added"
