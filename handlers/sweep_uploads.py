"""Sweep up what was uploaded and never used."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ports.action import ActionHandler, Arg
from ports.files import FileDisposal
from ports.leftovers import Leftovers
from ports.progress import Progress
from ports.repo import EntityNotFound, Repo, VersionMismatch

BATCH = 500


@dataclass(frozen=True, kw_only=True)
class SweptUploads:
    """How many files were removed, and how many records of uploads, whose files the next sweep removes."""

    files_removed: int
    uploads_removed: int


class SweepUploads(
    ActionHandler, permission="file.sweep", idempotent=True, operator=True, timeout=600.0, schedule="0 3 * * *"
):
    """Remove uploads that no asset holds, and files that nothing names any more: nothing younger than a day.

    A file goes in the sweep after the one that removed its last record, so that never a record is left without its
    file, whatever happens. What is being uploaded or put to use meanwhile counts as new, and stays.
    """

    repo: Repo
    disposal: FileDisposal
    leftovers: Leftovers
    progress: Progress

    older_than_hours: int = Arg(default=24, ge=24, le=8760, description="What was not uploaded or used for so long.")

    async def execute(self) -> SweptUploads:
        before = self.execution.at - timedelta(hours=self.older_than_hours)
        files = await self._remove_files(before)  # first: only what is committed counts
        return SweptUploads(files_removed=files, uploads_removed=await self._remove_uploads(before))

    async def _remove_files(self, before: datetime) -> int:
        removed = seen = 0
        async for batch in self.disposal.stored(before=before, limit=BATCH):
            for sha256 in sorted(await self.leftovers.unnamed(batch)):
                removed += await self.disposal.discard(sha256, before=before)
            self.progress.report(seen := seen + len(batch))
        return removed

    async def _remove_uploads(self, before: datetime) -> int:
        removed = 0
        while uploads := await self.leftovers.uploads(before=before, limit=BATCH):
            for upload in uploads:
                with suppress(EntityNotFound, VersionMismatch):  # it was brought again just now
                    await self.repo.remove(upload)
                    removed += 1
        return removed
