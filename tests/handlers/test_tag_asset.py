from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.tag_asset import TagAsset
from ports.action import Execution
from ports.checkpoint import PermissionMissing
from ports.library import AssetRemoved, KitArchived, Role
from ports.repo import EntityNotFound
from ports.tags import Tag, Tagging
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SPACE, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
TAG = Tag(id=UUID(int=40), space_id=SPACE.id, name="blue")


def tag_asset(repo: MemoryRepo, *, tag: str = "blue", number: int = 1) -> TagAsset:
    return TagAsset(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        asset_id=ASSET.id,
        tag=tag,
        execution=Execution(id=UUID(int=number)),
    )


async def test_a_new_tag_is_made_and_given() -> None:
    repo = MemoryRepo(KIT, ASSET, member("owner"))

    tag = await run(tag_asset(repo))

    assert (tag.space_id, tag.name) == (SPACE.id, "blue")
    assert await repo.get(Tag, tag.id) == tag
    (tagging,) = (await repo.find(Tagging)).items
    assert (tagging.space_id, tagging.asset_id, tagging.tag_id) == (SPACE.id, ASSET.id, tag.id)


async def test_a_tag_of_the_space_is_used() -> None:
    repo = MemoryRepo(KIT, ASSET, TAG, member("owner"))

    assert await run(tag_asset(repo)) == TAG
    assert await repo.count(Tagging, tag_id=TAG.id, asset_id=ASSET.id) == 1


async def test_a_tag_of_another_space_is_not() -> None:
    repo = MemoryRepo(KIT, ASSET, replace(TAG, space_id=OTHER_SPACE.id), member("owner"))

    assert (await run(tag_asset(repo, number=2))).space_id == SPACE.id
    assert await repo.count(Tagging, tag_id=TAG.id) == 0


async def test_tagging_twice_changes_nothing() -> None:
    repo = MemoryRepo(KIT, ASSET, member("owner"))
    tag = await run(tag_asset(repo))
    changes = [*repo.store.changes]

    assert await run(tag_asset(repo, number=2)) == tag
    assert repo.store.changes == changes


async def test_what_is_in_the_trash_is_not_tagged() -> None:
    repo = MemoryRepo(KIT, replace(ASSET, removed_at=AT), member("owner"))

    assert (await refusal(tag_asset(repo)))["code"] == AssetRemoved.code
    assert repo.store.changes == []


async def test_an_archived_kit_is_only_read() -> None:
    repo = MemoryRepo(replace(KIT, archived_at=AT), ASSET, member("owner"))

    assert (await refusal(tag_asset(repo)))["code"] == KitArchived.code
    assert repo.store.changes == []


async def test_an_asset_that_is_not_there_is_a_problem() -> None:
    assert (await refusal(tag_asset(MemoryRepo(KIT, member("owner")))))["code"] == EntityNotFound.code


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await run(tag_asset(MemoryRepo(KIT, ASSET, member(role))))


async def test_a_viewer_may_not() -> None:
    assert (await refusal(tag_asset(MemoryRepo(KIT, ASSET, member("viewer")))))["code"] == PermissionMissing.code


async def test_a_stranger_cannot_tell_whether_the_asset_exists() -> None:
    told = await refusal(tag_asset(MemoryRepo(KIT, ASSET, TAG, member("owner", "somebody"))))

    assert told == await refusal(tag_asset(MemoryRepo()))
