"""Read a kit with its sections."""

from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import Kit, Section
from ports.repo import EntityNotFound, Repo, every
from ports.usage import Usage


@dataclass(frozen=True, kw_only=True)
class KitContents:
    """A kit, its sections in their order, and how many assets they hold together, without the trash."""

    kit: Kit
    sections: list[Section]
    asset_count: int


class GetKit(ActionHandler, permission="kit.read", readonly=True, problems=(EntityNotFound, PermissionMissing)):
    """Read a kit, its sections and how many assets it has. A public kit may be read by everybody."""

    repo: Repo
    checkpoint: Checkpoint
    usage: Usage

    kit_id: UUID = Arg(description="The kit.")

    async def execute(self) -> KitContents:
        kit = await self.repo.get(Kit, self.kit_id)
        if not kit.is_open:
            await self.checkpoint.require(self.permission, within=kit)
        sections = [section async for section in every(self.repo, Section, kit_id=kit.id)]
        return KitContents(
            kit=kit,
            sections=sorted(sections, key=lambda section: section.position),
            asset_count=(await self.usage.assets_of([kit.id]))[kit.id],
        )
