"""List the tags of a space."""

from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.cursor import InvalidCursor
from ports.repo import MAX_PAGE, EntityNotFound, Repo
from ports.tags import Tag
from ports.usage import Usage


@dataclass(frozen=True, kw_only=True)
class TagUse:
    """A tag, and how many assets have it; those in the trash count, since they keep their tags."""

    tag: Tag
    asset_count: int


@dataclass(frozen=True, kw_only=True)
class TagPage:
    """Some of the tags, and where the list goes on: no `next_cursor` is the end."""

    items: list[TagUse]
    next_cursor: str | None


class ListTags(
    ActionHandler, permission="tag.read", readonly=True, problems=(EntityNotFound, PermissionMissing, InvalidCursor)
):
    """List the tags of a space, oldest first, each with how many assets have it."""

    repo: Repo
    checkpoint: Checkpoint
    usage: Usage

    space_id: UUID = Arg(description="The space.")
    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Tags in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def execute(self) -> TagPage:
        await self.checkpoint.require(self.permission, within=self.space_id)
        page = await self.repo.find(Tag, space_id=self.space_id, limit=self.limit, cursor=self.cursor)
        counts = await self.usage.assets_of([tag.id for tag in page.items])
        items = [TagUse(tag=tag, asset_count=counts[tag.id]) for tag in page.items]
        return TagPage(items=items, next_cursor=page.next_cursor)
