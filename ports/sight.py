"""What the caller sees of what was found: asked for again, since an engine may be behind what is so."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from ports.action import Caller
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.entity import E
from ports.library import Asset, Kit, Section, Space
from ports.repo import MAX_PAGE, EntityNotFound, Repo
from ports.search import Count, Facet, NamePart

READ_BY: Mapping[Facet, str] = {"space": "space.read", "kit": "kit.read", "section": "kit.read"}


@dataclass(frozen=True, kw_only=True)
class NamedCount:
    """How many of what was found have this value; `name` is that of the thing whose id it is, if you may know it."""

    value: str
    name: str | None
    count: int


class Sight:
    """Things by their ids, without those that are gone, and without those that the caller may see no more."""

    def __init__(self, repo: Repo, checkpoint: Checkpoint, *, permission: str) -> None:
        self._repo, self._checkpoint, self._permission = repo, checkpoint, permission
        self._member_of: dict[UUID, bool] = {}

    async def kits(self, ids: Collection[UUID], /) -> Mapping[UUID, Kit]:
        """Return those of these kits."""
        kits = await self._by_id(Kit, ids)
        return {kit.id: kit for kit in kits.values() if await self._is_seen(kit)}

    async def assets(self, ids: Collection[UUID], /) -> Mapping[UUID, Asset]:
        """Return those of these assets."""
        assets = [asset for asset in (await self._by_id(Asset, ids)).values() if asset.removed_at is None]
        kits = await self.kits({asset.kit_id for asset in assets})
        return {asset.id: asset for asset in await self.shown(assets) if asset.kit_id in kits}

    async def shown(self, assets: Sequence[Asset], /) -> list[Asset]:
        """Return these assets, each as a member or a stranger sees it."""
        return [each if await self._is_member_of(each.space_id) else for_strangers(each) for each in assets]

    async def named(
        self, facets: Mapping[Facet, Sequence[Count]], /, *, caller: Caller
    ) -> Mapping[Facet, list[NamedCount]]:
        """Return the counts with the names that the caller's scopes let them read, but of what is seen no more."""
        return {facet: await self._named(facet, counts, caller) for facet, counts in facets.items()}

    async def _named(self, facet: Facet, counts: Sequence[Count], caller: Caller) -> list[NamedCount]:
        names: Mapping[str, str | None] = {each.value: None for each in counts}
        if facet in READ_BY:
            seen = await self._names(facet, [UUID(each.value) for each in counts])
            names = seen if caller.may(READ_BY[facet]) else dict.fromkeys(seen)
        return [
            NamedCount(value=each.value, name=names[each.value], count=each.count)
            for each in counts
            if each.value in names
        ]

    async def _names(self, facet: Facet, ids: Sequence[UUID]) -> Mapping[str, str | None]:
        if facet == "space":  # that of a public kit is for members to know
            spaces = await self._by_id(Space, ids)
            return {str(each): spaces[each].name if await self._is_member_of(each) else None for each in spaces}
        if facet == "kit":
            return {str(kit.id): kit.name for kit in (await self.kits(ids)).values()}
        sections = await self._by_id(Section, ids)
        kits = await self.kits({section.kit_id for section in sections.values()})
        return {str(each.id): each.name for each in sections.values() if each.kit_id in kits}

    async def _by_id(self, kind: type[E], ids: Collection[UUID]) -> dict[UUID, E]:
        page = await self._repo.find(kind, id=list(ids), limit=MAX_PAGE) if ids else None
        return {each.id: each for each in page.items} if page else {}

    async def _is_seen(self, kit: Kit) -> bool:
        return kit.archived_at is None and (kit.is_open or await self._is_member_of(kit.space_id))

    async def _is_member_of(self, space_id: UUID) -> bool:
        if space_id not in self._member_of:
            try:
                await self._checkpoint.require(self._permission, within=space_id)
            except (EntityNotFound, PermissionMissing):
                self._member_of[space_id] = False
            else:
                self._member_of[space_id] = True
        return self._member_of[space_id]


def for_strangers(asset: Asset) -> Asset:
    """Return it as those see it who are no members: who is in the space is not for them to know."""
    return replace(asset, added_by=None)


def parts_of(name: str, found: Sequence[NamePart]) -> list[NamePart]:
    """Return the parts in which a name was found, or one if it is another name by now."""
    return list(found) if "".join(part.text for part in found) == name else [NamePart(text=name, found=False)]
