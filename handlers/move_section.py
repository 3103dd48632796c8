"""Move a section to another place in its kit."""

from operator import attrgetter
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.kits import lock_kits, misplaced
from ports.library import KitArchived, Section
from ports.repo import EntityNotFound, Repo, every


class MoveSection(ActionHandler, permission="section.edit", problems=(EntityNotFound, PermissionMissing, KitArchived)):
    """Move a section to another place among those of its kit, and answer all of them in their new order."""

    repo: Repo
    checkpoint: Checkpoint

    section_id: UUID = Arg(description="The section.")
    position: int = Arg(ge=0, description="Its place, 0 for the first; one beyond the last is the last.")

    async def validate(self) -> None:
        section = await self.repo.get(Section, self.section_id)
        await self.checkpoint.require(self.permission, within=section)

    async def execute(self) -> list[Section]:
        await lock_kits(self.repo, await self.repo.get(Section, self.section_id))
        section = await self.repo.get(Section, self.section_id)
        others = [each async for each in every(self.repo, Section, kit_id=section.kit_id) if each.id != section.id]
        order = sorted(others, key=attrgetter("position"))
        order.insert(self.position, section)
        moved = {each.id: await self.repo.save(each) for each in misplaced(order)}
        return [moved.get(each.id, each) for each in order]
