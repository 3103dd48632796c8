"""List the links to a kit."""

from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.cursor import InvalidCursor
from ports.library import Kit
from ports.repo import MAX_PAGE, EntityNotFound, Repo
from ports.sharing import Share, ShareView


@dataclass(frozen=True, kw_only=True)
class SharePage:
    """Some of a list of links, and where it goes on: no `next_cursor` is the end."""

    items: list[ShareView]
    next_cursor: str | None


class ListShares(
    ActionHandler, permission="share.read", readonly=True, problems=(EntityNotFound, PermissionMissing, InvalidCursor)
):
    """List the links to a kit, oldest first, also those that have expired; or those that are revoked.

    None is told with its token.
    """

    repo: Repo
    checkpoint: Checkpoint

    kit_id: UUID = Arg(description="The kit.")
    revoked: bool = Arg(default=False, description="List the revoked ones instead.")
    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Links in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def execute(self) -> SharePage:
        kit = await self.repo.get(Kit, self.kit_id)
        await self.checkpoint.require(self.permission, within=kit)
        revoked_at = ... if self.revoked else None
        page = await self.repo.find(Share, kit_id=kit.id, revoked_at=revoked_at, limit=self.limit, cursor=self.cursor)
        return SharePage(items=[ShareView.of(share) for share in page.items], next_cursor=page.next_cursor)
