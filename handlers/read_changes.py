"""Read what happened to one thing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.cursor import InvalidCursor
from ports.difference import Difference, differences
from ports.history import ChangeRecord, EntityKind, Excerpt, History, without_secrets
from ports.repo import MAX_PAGE, EntityNotFound, Repo, every
from ports.tags import Tag


@dataclass(frozen=True, kw_only=True)
class ChangeWithDifferences(ChangeRecord):
    """A change, and which fields it changed."""

    differences: list[Difference]


class ReadChanges(
    ActionHandler, permission="change.read", readonly=True, problems=(EntityNotFound, PermissionMissing, InvalidCursor)
):
    """Read the history of one thing, oldest first: who did what to it, and which fields that changed.

    That of an asset tells of its tags, too. What was removed keeps its history. What is secret is masked.
    """

    history: History
    repo: Repo
    checkpoint: Checkpoint

    kind: EntityKind = Arg(description="What it is.")
    id: UUID = Arg(description="Its id.")
    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Changes in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def execute(self) -> Excerpt[ChangeWithDifferences]:
        await self._require()
        page = await self.history.changes_of(self.kind, self.id, limit=self.limit, cursor=self.cursor)
        tags = await self._tag_names(page)
        return Excerpt(items=[_shown(change, tags) for change in page.items], next_cursor=page.next_cursor)

    async def _require(self) -> None:
        """Ask by the changes themselves: the thing may be gone."""
        first = await self.history.changes_of(self.kind, self.id, limit=1)
        space_id = first.items[0].space_id if first.items else None
        if space_id is None:
            raise EntityNotFound(kind=self.kind, id=self.id)
        try:
            await self.checkpoint.require(self.permission, within=space_id)
        except EntityNotFound:
            raise EntityNotFound(kind=self.kind, id=self.id) from None

    async def _tag_names(self, page: Excerpt[ChangeRecord]) -> Mapping[UUID, str]:
        ids = {_tag_id(change) for change in page.items if change.kind == "tagging"}
        return {tag.id: tag.name async for tag in every(self.repo, Tag, id=ids)} if ids else {}


def _tag_id(change: ChangeRecord) -> UUID:
    return UUID(str((change.after or change.before or {})["tag_id"]))


def _shown(change: ChangeRecord, tags: Mapping[UUID, str]) -> ChangeWithDifferences:
    before, after = without_secrets(change.before), without_secrets(change.after)
    shown: dict[str, Any] = vars(change) | {"before": before, "after": after, "differences": differences(before, after)}
    if change.kind == "tagging":  # it reads as the tag that was given or taken, by the name that it has now
        tag = tags.get(_tag_id(change), str(_tag_id(change)))
        given = Difference(field="tag", before=tag if before else None, after=tag if after else None)
        shown["differences"] = [given]
    return ChangeWithDifferences(**shown)
