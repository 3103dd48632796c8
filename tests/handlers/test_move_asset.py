from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.move_asset import MoveAsset
from ports.checkpoint import PermissionMissing
from ports.library import Asset, AssetNameTaken, AssetRemoved, Kit, KitArchived, Role, Section
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)
OTHER_KIT = Kit(id=UUID(int=20), space_id=KIT.space_id, name="Shop")
ICONS = replace(SECTION, id=UUID(int=30), name="Icons", position=1)
IN_OTHER_KIT = replace(SECTION, id=UUID(int=31), kit_id=OTHER_KIT.id)
IN_OTHER_SPACE = replace(SECTION, id=UUID(int=32), space_id=OTHER_SPACE.id, kit_id=UUID(int=21))


def move_asset(repo: MemoryRepo, to: Section = ICONS) -> MoveAsset:
    return MoveAsset(repo=repo, checkpoint=MemoryCheckpoint(repo), asset_id=ASSET.id, section_id=to.id)


@pytest.mark.parametrize("section", [ICONS, IN_OTHER_KIT], ids=["of its kit", "of another kit"])
async def test_the_asset_is_in_the_other_section(section: Section) -> None:
    repo = MemoryRepo(KIT, OTHER_KIT, SECTION, ICONS, IN_OTHER_KIT, ASSET, member("owner"))

    asset = await run(move_asset(repo, section))

    assert asset == replace(ASSET, kit_id=section.kit_id, section_id=section.id, version=2)
    assert await repo.get(Asset, ASSET.id) == asset


async def test_a_name_that_is_taken_there_is_a_problem() -> None:
    taken = replace(ASSET, id=UUID(int=40), section_id=ICONS.id)
    repo = MemoryRepo(KIT, SECTION, ICONS, ASSET, taken, member("owner"))

    with pytest.raises(AssetNameTaken):
        await run(move_asset(repo))

    assert await repo.get(Asset, ASSET.id) == ASSET


async def test_a_section_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, ASSET, member("owner"))

    with pytest.raises(EntityNotFound) as raised:
        await run(move_asset(repo))

    assert raised.value.document()["id"] == ICONS.id


async def test_a_section_of_another_space_is_as_if_not_there() -> None:
    repo = MemoryRepo(KIT, SECTION, ASSET, IN_OTHER_SPACE, member("owner"), member("owner", of=OTHER_SPACE))

    told = await refusal(move_asset(repo, IN_OTHER_SPACE))

    assert told == await refusal(move_asset(MemoryRepo(KIT, SECTION, ASSET, member("owner")), IN_OTHER_SPACE))


async def test_an_archived_kit_gives_nothing_away() -> None:
    repo = MemoryRepo(ARCHIVED, OTHER_KIT, SECTION, IN_OTHER_KIT, ASSET, member("owner"))

    with pytest.raises(KitArchived):
        await run(move_asset(repo, IN_OTHER_KIT))


async def test_an_archived_kit_takes_nothing_in() -> None:
    repo = MemoryRepo(KIT, replace(OTHER_KIT, archived_at=AT), SECTION, IN_OTHER_KIT, ASSET, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(move_asset(repo, IN_OTHER_KIT))

    assert raised.value.document()["kit_id"] == OTHER_KIT.id


async def test_an_asset_in_the_trash_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, replace(ASSET, removed_at=AT), member("owner"))

    with pytest.raises(AssetRemoved) as raised:
        await run(move_asset(repo, SECTION))

    assert raised.value.document()["asset_id"] == ASSET.id
    assert repo.store.changes == []


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, SECTION, ICONS, ASSET, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(move_asset(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_an_asset_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(move_asset(repo))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, SECTION, ICONS, ASSET, member(role))

    assert await run(move_asset(repo))


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(KIT, SECTION, ICONS, ASSET, member("viewer"))

    with pytest.raises(PermissionMissing):
        await run(move_asset(repo))


async def test_a_stranger_cannot_tell_whether_the_asset_or_the_section_exists() -> None:
    there = MemoryRepo(KIT, SECTION, ICONS, ASSET, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(move_asset(there))

    assert told == await refusal(move_asset(MemoryRepo()))
