from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.rename_asset import RenameAsset
from ports.checkpoint import PermissionMissing
from ports.library import Asset, AssetNameTaken, AssetRemoved, KitArchived, Role
from ports.repo import EntityNotFound, VersionMismatch
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)
OTHER = replace(ASSET, id=UUID(int=40), name="bell.svg")


def rename_asset(repo: MemoryRepo, *, name: str = "right.svg", expected_version: int = 1) -> RenameAsset:
    return RenameAsset(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        asset_id=ASSET.id,
        name=name,
        expected_version=expected_version,
    )


async def test_the_asset_has_its_new_name_and_next_version() -> None:
    repo = MemoryRepo(KIT, ASSET, OTHER, member("owner"))

    asset = await run(rename_asset(repo))

    assert asset == replace(ASSET, name="right.svg", version=2)
    assert (await repo.find(Asset)).items == [asset, OTHER]


async def test_a_taken_name_is_a_problem() -> None:
    repo = MemoryRepo(KIT, ASSET, OTHER, member("owner"))

    with pytest.raises(AssetNameTaken) as raised:
        await run(rename_asset(repo, name=OTHER.name))

    assert raised.value.document()["name"] == OTHER.name
    assert await repo.get(Asset, ASSET.id) == ASSET


async def test_a_name_in_the_trash_is_free() -> None:
    repo = MemoryRepo(KIT, ASSET, replace(OTHER, removed_at=AT), member("owner"))

    assert (await run(rename_asset(repo, name=OTHER.name))).name == OTHER.name


async def test_who_saw_an_older_version_is_told_the_present_one() -> None:
    repo = MemoryRepo(KIT, replace(ASSET, version=3), member("owner"))

    with pytest.raises(VersionMismatch) as raised:
        await run(rename_asset(repo, expected_version=2))

    assert raised.value.document()["current_version"] == 3
    assert repo.store.changes == []


async def test_an_asset_in_the_trash_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, replace(ASSET, removed_at=AT), member("owner"))

    with pytest.raises(AssetRemoved) as raised:
        await run(rename_asset(repo))

    assert raised.value.document()["asset_id"] == ASSET.id
    assert repo.store.changes == []


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, ASSET, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(rename_asset(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_an_asset_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(rename_asset(repo))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, ASSET, member(role))

    assert await run(rename_asset(repo))


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(KIT, ASSET, member("viewer"))

    with pytest.raises(PermissionMissing):
        await run(rename_asset(repo))


async def test_a_stranger_cannot_tell_whether_the_asset_exists() -> None:
    there = MemoryRepo(KIT, ASSET, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(rename_asset(there))

    assert told == await refusal(rename_asset(MemoryRepo()))
