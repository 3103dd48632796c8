from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.restore_asset import RestoreAsset
from ports.checkpoint import PermissionMissing
from ports.library import Asset, AssetNameTaken, Kit, KitArchived, Role, Section
from ports.repo import EntityNotFound
from ports.trash import AssetNotRemoved, SectionGone
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)
REMOVED = replace(ASSET, removed_at=AT)
HOMELESS = replace(REMOVED, section_id=None)
OTHER_KIT = Kit(id=UUID(int=20), space_id=KIT.space_id, name="Shop")
ICONS = replace(SECTION, id=UUID(int=30), name="Icons", position=1)
IN_OTHER_KIT = replace(SECTION, id=UUID(int=31), kit_id=OTHER_KIT.id)
IN_OTHER_SPACE = replace(SECTION, id=UUID(int=32), space_id=OTHER_SPACE.id, kit_id=UUID(int=21))


def restore_asset(repo: MemoryRepo, to: Section | None = None) -> RestoreAsset:
    return RestoreAsset(
        repo=repo, checkpoint=MemoryCheckpoint(repo), asset_id=ASSET.id, section_id=to.id if to else None
    )


async def test_the_asset_is_back_in_its_section() -> None:
    repo = MemoryRepo(KIT, SECTION, REMOVED, member("owner"))

    asset = await run(restore_asset(repo))

    assert asset == replace(ASSET, version=2)
    assert await repo.get(Asset, ASSET.id) == asset


@pytest.mark.parametrize("removed", [REMOVED, HOMELESS], ids=["of a section", "of a section that is gone"])
@pytest.mark.parametrize("section", [ICONS, IN_OTHER_KIT], ids=["to its kit", "to another kit"])
async def test_the_asset_goes_to_the_section_that_is_named(removed: Asset, section: Section) -> None:
    repo = MemoryRepo(KIT, OTHER_KIT, SECTION, ICONS, IN_OTHER_KIT, removed, member("owner"))

    asset = await run(restore_asset(repo, section))

    assert asset == replace(ASSET, kit_id=section.kit_id, section_id=section.id, version=2)


async def test_without_a_section_of_its_own_it_needs_one_to_be_named() -> None:
    repo = MemoryRepo(KIT, HOMELESS, member("owner"))

    with pytest.raises(SectionGone) as raised:
        await run(restore_asset(repo))

    assert raised.value.document()["asset_id"] == ASSET.id
    assert repo.store.changes == []


async def test_an_asset_that_is_not_in_the_trash_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, ICONS, ASSET, member("owner"))

    with pytest.raises(AssetNotRemoved):
        await run(restore_asset(repo, ICONS))

    assert repo.store.changes == []


async def test_a_name_that_was_taken_meanwhile_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, REMOVED, replace(ASSET, id=UUID(int=40)), member("owner"))

    with pytest.raises(AssetNameTaken):
        await run(restore_asset(repo))

    assert await repo.get(Asset, ASSET.id) == REMOVED


async def test_a_section_of_another_space_is_as_if_not_there() -> None:
    repo = MemoryRepo(KIT, SECTION, REMOVED, IN_OTHER_SPACE, member("owner"), member("owner", of=OTHER_SPACE))

    told = await refusal(restore_asset(repo, IN_OTHER_SPACE))

    assert told == await refusal(restore_asset(MemoryRepo(KIT, SECTION, REMOVED, member("owner")), IN_OTHER_SPACE))


async def test_an_archived_kit_gives_nothing_away() -> None:
    repo = MemoryRepo(ARCHIVED, OTHER_KIT, SECTION, IN_OTHER_KIT, REMOVED, member("owner"))

    with pytest.raises(KitArchived):
        await run(restore_asset(repo, IN_OTHER_KIT))


async def test_an_archived_kit_takes_nothing_in() -> None:
    repo = MemoryRepo(KIT, replace(OTHER_KIT, archived_at=AT), IN_OTHER_KIT, REMOVED, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(restore_asset(repo, IN_OTHER_KIT))

    assert raised.value.document()["kit_id"] == OTHER_KIT.id


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, SECTION, REMOVED, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(restore_asset(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_an_asset_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(restore_asset(repo))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, SECTION, REMOVED, member(role))

    assert await run(restore_asset(repo))


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(KIT, SECTION, REMOVED, member("viewer"))

    with pytest.raises(PermissionMissing):
        await run(restore_asset(repo))


async def test_a_stranger_cannot_tell_whether_the_asset_exists() -> None:
    there = MemoryRepo(KIT, SECTION, REMOVED, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(restore_asset(there))

    assert told == await refusal(restore_asset(MemoryRepo()))
