"""Tags: words that a space gives to its assets."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ports.action import Execution
from ports.entity import Entity
from ports.library import Asset
from ports.problem import Conflict, NotFound
from ports.repo import Repo, every


class TagNameTaken(Conflict):
    """Another tag of this space has this name.

    Choose another name, or use that tag.
    """

    name: str


class AlreadyTagged(Conflict):
    """The asset has this tag already."""

    tag_id: UUID


class NotTagged(NotFound):
    """The asset does not have this tag."""

    tag: str


@dataclass(frozen=True, kw_only=True)
class Tag(Entity, unique=("space_id", "name"), taken=TagNameTaken):
    """A word for assets of a space."""

    space_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class Tagging(Entity, unique=("asset_id", "tag_id"), taken=AlreadyTagged, part_of="asset_id"):
    """That an asset has a tag."""

    space_id: UUID
    asset_id: UUID
    tag_id: UUID


def tagging(execution: Execution, asset: Asset, tag_id: UUID) -> Tagging:
    """Return that `asset` has this tag, to be added."""
    return Tagging(id=execution.new_id(), space_id=asset.space_id, asset_id=asset.id, tag_id=tag_id)


async def tag_named(repo: Repo, execution: Execution, *, space_id: UUID, name: str) -> Tag:
    """Return the space's tag of this name, made if it is new.

    Two who make several at once in different orders would wait for each other: make them in the order of their names.
    """
    found = await repo.find(Tag, space_id=space_id, name=name, limit=1)
    if found.items:
        return found.items[0]
    try:
        return await repo.add(Tag(id=execution.new_id(), space_id=space_id, name=name))
    except TagNameTaken:  # somebody made it just now
        return (await repo.find(Tag, space_id=space_id, name=name, limit=1)).items[0]


async def tags_of(repo: Repo, asset_ids: Collection[UUID]) -> Mapping[UUID, list[str]]:
    """Return the names of the tags of these assets, in their alphabetical order."""
    tag_ids: dict[UUID, list[UUID]] = {asset_id: [] for asset_id in asset_ids}
    async for each in every(repo, Tagging, asset_id=list(asset_ids)):
        tag_ids[each.asset_id].append(each.tag_id)
    named = {tag_id for ids in tag_ids.values() for tag_id in ids}
    names = {tag.id: tag.name async for tag in every(repo, Tag, id=named)}
    return {asset: sorted(names[each] for each in ids if each in names) for asset, ids in tag_ids.items()}


async def tagged(repo: Repo, **equal: Any) -> AsyncIterator[tuple[Asset, list[UUID]]]:
    """Yield the assets whose fields equal these, oldest first, each with the ids of its tags, page by page."""
    page = await repo.find(Asset, **equal)
    while True:
        tags: dict[UUID, list[UUID]] = defaultdict(list)
        async for each in every(repo, Tagging, asset_id=[asset.id for asset in page.items]):
            tags[each.asset_id].append(each.tag_id)
        for asset in page.items:
            yield asset, tags[asset.id]
        if page.next_cursor is None:
            return
        page = await repo.find(Asset, cursor=page.next_cursor, **equal)
