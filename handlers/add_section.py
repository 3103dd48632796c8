"""Add a section to a kit."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import writable
from ports.library import Kit, KitArchived, Name, Section, SectionNameTaken
from ports.repo import EntityNotFound, Repo


class AddSection(
    ActionHandler,
    permission="section.create",
    problems=(EntityNotFound, PermissionMissing, KitArchived, SectionNameTaken),
):
    """Add an empty section at the end of a kit."""

    repo: Repo
    checkpoint: Checkpoint

    kit_id: UUID = Arg(description="The kit.")
    name: Name = Arg(description="Unique in its kit.", examples=["Logos"])

    async def validate(self) -> None:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)

    async def execute(self) -> Section:
        kit = writable(await self.repo.lock(Kit, self.kit_id))
        return await self.repo.add(
            Section(
                id=self.execution.new_id(),
                space_id=kit.space_id,
                kit_id=kit.id,
                name=self.name,
                position=await self.repo.count(Section, kit_id=kit.id),
            )
        )
