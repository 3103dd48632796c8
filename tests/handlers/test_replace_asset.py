from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.memory.actions import MemoryActions
from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.replace_asset import ReplaceAsset
from ports.checkpoint import PermissionMissing
from ports.files import File, FileNotStored
from ports.library import Asset, AssetRemoved, KitArchived, NotAnImage, Role
from ports.repo import EntityNotFound, VersionMismatch
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)
OTHER_SHA256 = "b" * 64
FILE = File(sha256=OTHER_SHA256, size=200, media_type="image/png")
ARCHIVE = File(sha256=OTHER_SHA256, size=200, media_type="application/zip")


def replace_asset(repo: MemoryRepo, answer: object = FILE, *, expected_version: int = 1) -> ReplaceAsset:
    return ReplaceAsset(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        actions=MemoryActions(find_file=answer),
        asset_id=ASSET.id,
        file=OTHER_SHA256,
        expected_version=expected_version,
    )


async def test_the_asset_has_another_file_and_all_else_stays() -> None:
    repo = MemoryRepo(KIT, ASSET, member("owner"))

    asset = await run(replace_asset(repo))

    assert asset == replace(ASSET, sha256=OTHER_SHA256, size=200, media_type="image/png", version=2)
    assert await repo.get(Asset, ASSET.id) == asset


async def test_the_file_is_looked_for_among_those_that_the_caller_may_use() -> None:
    repo, actions = MemoryRepo(KIT, ASSET), MemoryActions(find_file=FILE)

    action = ReplaceAsset(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        actions=actions,
        asset_id=ASSET.id,
        file=OTHER_SHA256,
        expected_version=1,
    )
    await action.execute()

    assert actions.calls == [("find_file", {"sha256": OTHER_SHA256})]


async def test_a_file_that_the_caller_may_not_use_is_a_problem() -> None:
    repo = MemoryRepo(KIT, ASSET, member("owner"))

    with pytest.raises(FileNotStored):
        await run(replace_asset(repo, FileNotStored(sha256=OTHER_SHA256)))

    assert repo.store.changes == []


async def test_what_is_no_image_is_a_problem() -> None:
    repo = MemoryRepo(KIT, ASSET, member("owner"))

    with pytest.raises(NotAnImage) as raised:
        await run(replace_asset(repo, ARCHIVE))

    assert raised.value.document()["media_type"] == "application/zip"
    assert repo.store.changes == []


async def test_who_saw_an_older_version_is_told_the_present_one() -> None:
    repo = MemoryRepo(KIT, replace(ASSET, version=3), member("owner"))

    with pytest.raises(VersionMismatch) as raised:
        await run(replace_asset(repo, expected_version=2))

    assert raised.value.document()["current_version"] == 3
    assert repo.store.changes == []


async def test_an_asset_in_the_trash_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, replace(ASSET, removed_at=AT), member("owner"))

    with pytest.raises(AssetRemoved) as raised:
        await run(replace_asset(repo))

    assert raised.value.document()["asset_id"] == ASSET.id
    assert repo.store.changes == []


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, ASSET, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(replace_asset(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_an_asset_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(replace_asset(repo))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, ASSET, member(role))

    assert await run(replace_asset(repo))


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(KIT, ASSET, member("viewer"))

    with pytest.raises(PermissionMissing):
        await run(replace_asset(repo))


async def test_a_stranger_cannot_tell_whether_the_asset_exists() -> None:
    there = MemoryRepo(KIT, ASSET, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(replace_asset(there))

    assert told == await refusal(replace_asset(MemoryRepo()))
