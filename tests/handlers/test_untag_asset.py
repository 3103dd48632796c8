from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.untag_asset import UntagAsset
from ports.checkpoint import PermissionMissing
from ports.entity import Entity
from ports.library import AssetRemoved, KitArchived, Role
from ports.repo import EntityNotFound
from ports.tags import NotTagged, Tag, Tagging
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SPACE, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
TAG = Tag(id=UUID(int=40), space_id=SPACE.id, name="blue")
TAGGING = Tagging(id=UUID(int=41), space_id=SPACE.id, asset_id=ASSET.id, tag_id=TAG.id)
OTHER = replace(TAGGING, id=UUID(int=42), asset_id=UUID(int=43))
LIBRARY: tuple[Entity, ...] = (KIT, ASSET, TAG, TAGGING)


def untag_asset(*entities: Entity, tag: str = "blue") -> UntagAsset:
    repo = MemoryRepo(*entities)
    return UntagAsset(repo=repo, checkpoint=MemoryCheckpoint(repo), asset_id=ASSET.id, tag=tag)


async def test_the_asset_loses_the_tag_and_the_space_keeps_it() -> None:
    action = untag_asset(*LIBRARY, OTHER, member("owner"))

    assert await run(action) == TAG

    assert (await action.repo.find(Tagging)).items == [OTHER]
    assert await action.repo.get(Tag, TAG.id) == TAG


@pytest.mark.parametrize(
    "entities",
    [(), (TAG,), (TAG, OTHER), (replace(TAG, space_id=OTHER_SPACE.id), TAGGING)],
    ids=["no tag", "a tag of nothing", "the tag of another asset", "another space's"],
)
async def test_a_tag_that_the_asset_does_not_have_is_a_problem(entities: tuple[Entity, ...]) -> None:
    told = await refusal(untag_asset(KIT, ASSET, *entities, member("owner")))

    assert (told["code"], told["tag"]) == (NotTagged.code, "blue")


async def test_what_is_in_the_trash_keeps_its_tags() -> None:
    removed = replace(ASSET, removed_at=AT)

    assert (await refusal(untag_asset(KIT, removed, TAG, TAGGING, member("owner"))))["code"] == AssetRemoved.code


async def test_an_archived_kit_is_only_read() -> None:
    kit = replace(KIT, archived_at=AT)

    assert (await refusal(untag_asset(kit, ASSET, TAG, TAGGING, member("owner"))))["code"] == KitArchived.code


async def test_an_asset_that_is_not_there_is_a_problem() -> None:
    assert (await refusal(untag_asset(KIT, TAG, member("owner"))))["code"] == EntityNotFound.code


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await run(untag_asset(*LIBRARY, member(role)))


async def test_a_viewer_may_not() -> None:
    assert (await refusal(untag_asset(*LIBRARY, member("viewer"))))["code"] == PermissionMissing.code


async def test_a_stranger_cannot_tell_whether_the_asset_exists() -> None:
    told = await refusal(untag_asset(*LIBRARY, member("owner", "somebody")))

    assert told == await refusal(untag_asset())
