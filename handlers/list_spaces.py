"""List the caller's spaces."""

from ports.action import ActionHandler, Arg
from ports.cursor import InvalidCursor
from ports.entity import Page
from ports.library import Member, Space
from ports.repo import MAX_PAGE, Repo


class ListSpaces(ActionHandler, permission="space.read", readonly=True, problems=(InvalidCursor,)):
    """List the spaces that you are a member of, oldest membership first."""

    repo: Repo

    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Spaces in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def execute(self) -> Page[Space]:
        actor = self.execution.caller.actor
        members = await self.repo.find(Member, actor=actor, limit=self.limit, cursor=self.cursor)
        order = [member.space_id for member in members.items]
        spaces = await self.repo.find(Space, id=order)
        items = sorted(spaces.items, key=lambda space: order.index(space.id))
        return Page(items=items, next_cursor=members.next_cursor)
