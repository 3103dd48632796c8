"""List the members of a space."""

from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.cursor import InvalidCursor
from ports.directory import Directory
from ports.library import Member
from ports.repo import MAX_PAGE, EntityNotFound, Repo
from ports.sharing import NamedMember


@dataclass(frozen=True, kw_only=True)
class MemberPage:
    """Some of the members, and where the list goes on: no `next_cursor` is the end."""

    items: list[NamedMember]
    next_cursor: str | None


class ListMembers(
    ActionHandler, permission="member.read", readonly=True, problems=(EntityNotFound, PermissionMissing, InvalidCursor)
):
    """List the members of a space with their roles, oldest membership first."""

    repo: Repo
    checkpoint: Checkpoint
    directory: Directory

    space_id: UUID = Arg(description="The space.")
    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Members in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def execute(self) -> MemberPage:
        await self.checkpoint.require(self.permission, within=self.space_id)
        page = await self.repo.find(Member, space_id=self.space_id, limit=self.limit, cursor=self.cursor)
        known = await self.directory.known([member.actor for member in page.items])
        return MemberPage(items=[NamedMember.of(each, known) for each in page.items], next_cursor=page.next_cursor)
