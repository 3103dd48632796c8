"""Search for kits."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint
from ports.library import Kit
from ports.repo import Repo
from ports.search import MAX_CURSOR, MAX_FOUND, MAX_TEXT, REFUSALS, NamePart, SearchIndex, Sort, Wanted
from ports.sight import Sight, parts_of


@dataclass(frozen=True, kw_only=True)
class FoundKit:
    """A kit, and its name in parts that tell what was looked for."""

    kit: Kit
    name_parts: list[NamePart]


@dataclass(frozen=True, kw_only=True)
class FoundKits:
    """A page of what was found; `total` counts up to 10,000. If `forgiven`, names have the words but for a letter."""

    items: list[FoundKit]
    total: int
    forgiven: bool
    next_cursor: str | None


class SearchKits(ActionHandler, permission="kit.read", readonly=True, problems=REFUSALS):
    """Search for kits in your spaces and for public ones, those that are archived left out.

    Words are found as `search_assets` finds them.
    """

    repo: Repo
    checkpoint: Checkpoint
    search: SearchIndex

    text: str | None = Arg(default=None, max_length=MAX_TEXT, description="Words of the name.", examples=["brand"])
    space_id: UUID | None = Arg(default=None, description="Only in this space.")
    since: datetime | None = Arg(default=None, description="Only those created since then, to the millisecond.")
    until: datetime | None = Arg(default=None, description="Only those created before.")
    sort: Sort = Arg(default="best", description="What comes first.")
    limit: int = Arg(default=50, ge=1, le=MAX_FOUND, description="Kits in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=MAX_CURSOR, description="The `next_cursor` of the page before.")

    async def execute(self) -> FoundKits:
        wanted = Wanted(kind="kit", text=self.text, space_id=self.space_id, since=self.since, until=self.until)
        hits = await self.search.search(wanted, sort=self.sort, limit=self.limit, cursor=self.cursor)
        sight = Sight(self.repo, self.checkpoint, permission=self.permission)
        seen = await sight.kits([hit.id for hit in hits.hits])
        found = [(seen[hit.id], hit) for hit in hits.hits if hit.id in seen]
        return FoundKits(
            items=[FoundKit(kit=kit, name_parts=parts_of(kit.name, hit.parts)) for kit, hit in found],
            total=hits.total,
            forgiven=hits.forgiven,
            next_cursor=hits.next_cursor,
        )
