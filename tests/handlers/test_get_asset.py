from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.get_asset import GetAsset, TaggedAsset
from ports.library import Asset, Kit, Role
from ports.repo import EntityNotFound
from ports.tags import Tag, Tagging
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, member

REMOVED = replace(ASSET, removed_at=datetime(2026, 1, 1, tzinfo=UTC))
RED, BLUE, NEW = (
    Tag(id=UUID(int=60 + n), space_id=ASSET.space_id, name=name) for n, name in enumerate(["red", "blue", "new"])
)
TAGGINGS = [
    Tagging(id=UUID(int=70 + n), space_id=ASSET.space_id, asset_id=ASSET.id, tag_id=tag.id)
    for n, tag in enumerate([RED, BLUE])
]
ELSEWHERE = replace(TAGGINGS[0], id=UUID(int=80), asset_id=UUID(int=40), tag_id=NEW.id)


def get_asset(repo: MemoryRepo) -> GetAsset:
    return GetAsset(repo=repo, checkpoint=MemoryCheckpoint(repo), asset_id=ASSET.id)


async def test_an_asset_comes_with_its_tags_by_name() -> None:
    repo = MemoryRepo(ASSET, RED, BLUE, NEW, *TAGGINGS, ELSEWHERE, member("viewer"))

    assert await run(get_asset(repo)) == TaggedAsset(asset=ASSET, tags=["blue", "red"])


async def test_an_asset_without_tags_has_none() -> None:
    repo = MemoryRepo(ASSET, RED, member("viewer"))

    assert await run(get_asset(repo)) == TaggedAsset(asset=ASSET, tags=[])


async def test_an_asset_in_the_trash_says_so() -> None:
    repo = MemoryRepo(REMOVED, member("viewer"))

    assert await run(get_asset(repo)) == TaggedAsset(asset=REMOVED, tags=[])


async def test_an_asset_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(get_asset(repo))


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_every_member_may(role: Role) -> None:
    repo = MemoryRepo(ASSET, member(role))

    assert await run(get_asset(repo))


async def test_a_stranger_cannot_tell_whether_the_asset_exists() -> None:
    there = MemoryRepo(ASSET, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(get_asset(there))

    assert told == await refusal(get_asset(MemoryRepo()))


PUBLIC = replace(KIT, visibility="public")


async def test_what_a_public_kit_holds_is_read_by_everybody() -> None:
    assert (await run(get_asset(MemoryRepo(PUBLIC, ASSET)))).asset == ASSET


async def test_who_added_it_is_for_members_to_know() -> None:
    added = replace(ASSET, added_by="ada")

    assert (await run(get_asset(MemoryRepo(PUBLIC, added, member("viewer"))))).asset == added
    assert (await run(get_asset(MemoryRepo(PUBLIC, added)))).asset == ASSET


@pytest.mark.parametrize(
    ("kit", "asset"), [(KIT, ASSET), (PUBLIC, REMOVED), (replace(PUBLIC, archived_at=REMOVED.removed_at), ASSET)]
)
async def test_what_is_private_archived_or_removed_is_for_members(kit: Kit, asset: Asset) -> None:
    with pytest.raises(EntityNotFound):
        await run(get_asset(MemoryRepo(kit, asset)))
