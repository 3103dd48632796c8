"""List the members of a space."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.cursor import InvalidCursor
from ports.entity import Page
from ports.library import Member
from ports.repo import MAX_PAGE, EntityNotFound, Repo


class ListMembers(
    ActionHandler, permission="member.read", readonly=True, problems=(EntityNotFound, PermissionMissing, InvalidCursor)
):
    """List the members of a space with their roles, oldest membership first."""

    repo: Repo
    checkpoint: Checkpoint

    space_id: UUID = Arg(description="The space.")
    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Members in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def execute(self) -> Page[Member]:
        await self.checkpoint.require(self.permission, within=self.space_id)
        return await self.repo.find(Member, space_id=self.space_id, limit=self.limit, cursor=self.cursor)
