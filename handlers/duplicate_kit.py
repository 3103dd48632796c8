"""Duplicate a kit."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import Asset, Kit, KitNameTaken, Name, Section
from ports.progress import Progress
from ports.repo import EntityNotFound, Repo, every
from ports.tags import tagged, tagging
from ports.usage import QuotaExceeded


class DuplicateKit(
    ActionHandler,
    permission="kit.create",
    problems=(EntityNotFound, PermissionMissing, KitNameTaken, QuotaExceeded),
    timeout=600.0,
):
    """Make a new kit with the same sections, assets and tags as another of the space has; its trash is left out.

    An archived kit may be duplicated, too, and nobody changes the other while that lasts.
    """

    repo: Repo
    checkpoint: Checkpoint
    progress: Progress

    kit_id: UUID = Arg(description="The kit that it is to be like.")
    name: Name = Arg(description="Of the new kit; unique in its space.", examples=["Brand 2027"])

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)

    async def execute(self) -> Kit:
        kit = await self.repo.lock(Kit, self.kit_id)
        copy = replace(kit, id=self.execution.new_id(), version=1, name=self.name, archived_at=None)
        await self.repo.add(copy)
        sections: dict[UUID | None, Section] = {
            section.id: await self._add_section(section, copy)
            async for section in every(self.repo, Section, kit_id=kit.id)
        }
        total, done = await self.repo.count(Asset, kit_id=kit.id, removed_at=None), 0
        async for asset, tags in tagged(self.repo, kit_id=kit.id, removed_at=None):
            await self._add_asset(asset, tags, copy, sections)
            self.progress.report(done := done + 1, total=total, note=asset.name)
        return copy

    async def _add_section(self, section: Section, kit: Kit) -> Section:
        return await self.repo.add(replace(section, id=self.execution.new_id(), version=1, kit_id=kit.id))

    async def _add_asset(self, asset: Asset, tags: list[UUID], kit: Kit, sections: dict[UUID | None, Section]) -> None:
        section_id = sections[asset.section_id].id
        added: dict[str, Any] = {"id": self.execution.new_id(), "added_by": self.execution.caller.actor}
        copy = replace(asset, **added, version=1, kit_id=kit.id, section_id=section_id)
        await self.repo.add(copy)
        for tag_id in tags:
            await self.repo.add(tagging(self.execution, copy, tag_id))
