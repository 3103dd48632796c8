"""Rename a section."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import lock_kits
from ports.library import KitArchived, Name, Section, SectionNameTaken
from ports.repo import EntityNotFound, Repo, VersionMismatch


class RenameSection(
    ActionHandler,
    permission="section.edit",
    problems=(EntityNotFound, PermissionMissing, KitArchived, SectionNameTaken, VersionMismatch),
):
    """Give a section another name."""

    repo: Repo
    checkpoint: Checkpoint

    section_id: UUID = Arg(description="The section.")
    name: Name = Arg(description="Unique in its kit.", examples=["Wordmarks"])
    expected_version: int = Arg(
        ge=1, description="The `version` that you saw; if it has changed since, nothing is done."
    )

    async def validate(self) -> None:
        section = await self.repo.get(Section, self.section_id)
        await self.checkpoint.require(self.permission, within=section)

    async def execute(self) -> Section:
        await lock_kits(self.repo, await self.repo.get(Section, self.section_id))
        section = await self.repo.lock(Section, self.section_id)
        return await self.repo.save(replace(section, name=self.name, version=self.expected_version))
