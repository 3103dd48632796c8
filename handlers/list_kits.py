"""List the kits of a space."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.cursor import InvalidCursor
from ports.entity import Page
from ports.library import Kit
from ports.repo import MAX_PAGE, EntityNotFound, Repo


class ListKits(
    ActionHandler, permission="kit.read", readonly=True, problems=(EntityNotFound, PermissionMissing, InvalidCursor)
):
    """List the kits of a space, oldest first; or those that are archived."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")
    archived: bool = Arg(default=False, description="List the archived ones instead.")
    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Kits in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def execute(self) -> Page[Kit]:
        await self.checkpoint.require(self.permission, within=self.space_id)
        archived_at = ... if self.archived else None
        return await self.repo.find(
            Kit, space_id=self.space_id, archived_at=archived_at, limit=self.limit, cursor=self.cursor
        )
