"""Search for assets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint
from ports.library import ActorName, Asset, Name
from ports.repo import Repo
from ports.search import MAX_CURSOR, MAX_FOUND, MAX_TEXT, REFUSALS, Facet, NamePart, SearchIndex, Sort, Wanted
from ports.sight import NamedCount, Sight, parts_of
from ports.tags import tags_of


@dataclass(frozen=True, kw_only=True)
class FoundAsset:
    """An asset, its name in parts that tell what was looked for, and the names of its tags."""

    asset: Asset
    name_parts: list[NamePart]
    tags: list[str]


@dataclass(frozen=True, kw_only=True)
class FoundAssets:
    """A page of what was found; `total` counts up to 10,000. If `forgiven`, names have the words but for a letter."""

    items: list[FoundAsset]
    total: int
    facets: Mapping[Facet, list[NamedCount]]
    forgiven: bool
    next_cursor: str | None


class SearchAssets(ActionHandler, permission="asset.read", readonly=True, problems=REFUSALS):
    """Search for assets in your spaces and in public kits, the trash and archived kits left out.

    Words are found in any case, with or without accents, in their English forms, and the last one by its beginning. If
    nothing has them all, a letter in each word is forgiven.
    """

    repo: Repo
    checkpoint: Checkpoint
    search: SearchIndex

    text: str | None = Arg(default=None, max_length=MAX_TEXT, description="Words of the name.", examples=["arrow up"])
    space_id: UUID | None = Arg(default=None, description="Only in this space.")
    kit_id: UUID | None = Arg(default=None, description="Only in this kit.")
    section_id: UUID | None = Arg(default=None, description="Only in this section.")
    tag: Name | None = Arg(default=None, description="Only those with this tag.")
    media_type: str | None = Arg(default=None, max_length=100, description="Only of this type.")
    added_by: ActorName | None = Arg(default=None, description="Only those that this actor added.")
    since: datetime | None = Arg(default=None, description="Only those added since then, to the millisecond.")
    until: datetime | None = Arg(default=None, description="Only those added before.")
    sort: Sort = Arg(default="best", description="What comes first.")
    facets: bool = Arg(default=False, description="Also count them by space, kit, section, tag, type and who added.")
    limit: int = Arg(default=50, ge=1, le=MAX_FOUND, description="Assets in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=MAX_CURSOR, description="The `next_cursor` of the page before.")

    async def execute(self) -> FoundAssets:
        fields = ("text", "space_id", "kit_id", "section_id", "tag", "media_type", "added_by", "since", "until")
        wanted = Wanted(kind="asset", **{field: getattr(self, field) for field in fields})
        facets = get_args(Facet) if self.facets else ()
        hits = await self.search.search(wanted, sort=self.sort, limit=self.limit, cursor=self.cursor, facets=facets)
        sight = Sight(self.repo, self.checkpoint, permission=self.permission)
        seen = await sight.assets([hit.id for hit in hits.hits])
        tags = await tags_of(self.repo, seen)
        found = [(seen[hit.id], hit) for hit in hits.hits if hit.id in seen]
        return FoundAssets(
            items=[FoundAsset(asset=a, name_parts=parts_of(a.name, hit.parts), tags=tags[a.id]) for a, hit in found],
            total=hits.total,
            facets=await sight.named(hits.facets, caller=self.execution.caller),
            forgiven=hits.forgiven,
            next_cursor=hits.next_cursor,
        )
