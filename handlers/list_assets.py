"""List the assets of a kit."""

from dataclasses import replace
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.cursor import InvalidCursor
from ports.entity import Page
from ports.library import Asset, Kit
from ports.repo import MAX_PAGE, EntityNotFound, Repo
from ports.sight import Sight


class ListAssets(
    ActionHandler, permission="asset.read", readonly=True, problems=(EntityNotFound, PermissionMissing, InvalidCursor)
):
    """List the assets of a kit, or of one of its sections, oldest first; or those in its trash.

    Those of a public kit may be listed by everybody, its trash by members.
    """

    repo: Repo
    checkpoint: Checkpoint

    kit_id: UUID = Arg(description="The kit.")
    section_id: UUID | None = Arg(default=None, description="Only this section's.")
    removed: bool = Arg(default=False, description="List the trash instead.")
    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Assets in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def execute(self) -> Page[Asset]:
        kit = await self.repo.get(Kit, self.kit_id)
        if self.removed or not kit.is_open:
            await self.checkpoint.require(self.permission, within=kit)
        section = {"section_id": self.section_id} if self.section_id else {}
        removed_at = ... if self.removed else None
        page = await self.repo.find(
            Asset, kit_id=kit.id, removed_at=removed_at, **section, limit=self.limit, cursor=self.cursor
        )
        sight = Sight(self.repo, self.checkpoint, permission=self.permission)
        return replace(page, items=await sight.shown(page.items))
