from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.remove_asset import RemoveAsset
from ports.action import Execution
from ports.checkpoint import PermissionMissing
from ports.library import Asset, AssetRemoved, KitArchived, Role
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)


def remove_asset(repo: MemoryRepo) -> RemoveAsset:
    return RemoveAsset(repo=repo, checkpoint=MemoryCheckpoint(repo), asset_id=ASSET.id, execution=Execution(at=AT))


async def test_the_asset_is_in_the_trash_and_remembers_its_section() -> None:
    repo = MemoryRepo(KIT, SECTION, ASSET, member("owner"))

    asset = await run(remove_asset(repo))

    assert asset == replace(ASSET, removed_at=AT, version=2)
    assert await repo.get(Asset, ASSET.id) == asset


async def test_its_name_is_free() -> None:
    repo = MemoryRepo(KIT, SECTION, ASSET, member("owner"))

    await run(remove_asset(repo))

    assert await repo.add(replace(ASSET, id=UUID(int=40)))


async def test_an_asset_in_the_trash_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, replace(ASSET, removed_at=AT), member("owner"))

    with pytest.raises(AssetRemoved) as raised:
        await run(remove_asset(repo))

    assert raised.value.document()["asset_id"] == ASSET.id
    assert repo.store.changes == []


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, ASSET, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(remove_asset(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_an_asset_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(remove_asset(repo))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, ASSET, member(role))

    assert await run(remove_asset(repo))


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(KIT, ASSET, member("viewer"))

    with pytest.raises(PermissionMissing):
        await run(remove_asset(repo))


async def test_a_stranger_cannot_tell_whether_the_asset_exists() -> None:
    there = MemoryRepo(KIT, ASSET, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(remove_asset(there))

    assert told == await refusal(remove_asset(MemoryRepo()))
