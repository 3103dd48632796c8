from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.progress import MemoryProgress
from adapters.memory.repo import MemoryRepo
from handlers.duplicate_kit import DuplicateKit
from ports.checkpoint import PermissionMissing
from ports.entity import Entity
from ports.library import Asset, Kit, KitNameTaken, Role, Section
from ports.repo import EntityNotFound
from ports.tags import Tag, Tagging
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, SECTION, SPACE, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ICONS = replace(SECTION, id=UUID(int=30), name="Icons", position=1)
BELL = replace(ASSET, id=UUID(int=31), name="bell.svg", section_id=ICONS.id, version=4)
REMOVED = replace(ASSET, id=UUID(int=32), removed_at=AT)
GONE = replace(ASSET, id=UUID(int=33), section_id=None, removed_at=AT)
TAG = Tag(id=UUID(int=40), space_id=SPACE.id, name="blue")
TAGGING = Tagging(id=UUID(int=41), space_id=SPACE.id, asset_id=BELL.id, tag_id=TAG.id)
OF_REMOVED = replace(TAGGING, id=UUID(int=42), asset_id=REMOVED.id)
LIBRARY: tuple[Entity, ...] = (SPACE, KIT, SECTION, ICONS, ASSET, BELL, REMOVED, GONE, TAG, TAGGING, OF_REMOVED)


def duplicate_kit(repo: MemoryRepo, *, name: str = "Brand 2027") -> DuplicateKit:
    return DuplicateKit(
        repo=repo, checkpoint=MemoryCheckpoint(repo), progress=MemoryProgress(), kit_id=KIT.id, name=name
    )


async def test_the_new_kit_has_the_same_sections_assets_and_tags() -> None:
    repo = MemoryRepo(*LIBRARY, member("editor"))

    kit = await run(duplicate_kit(repo))

    assert kit == replace(KIT, id=kit.id, name="Brand 2027")
    assert await repo.get(Kit, kit.id) == kit
    logos, icons = (await repo.find(Section, kit_id=kit.id)).items
    assert [logos, icons] == [
        replace(SECTION, id=logos.id, kit_id=kit.id),
        replace(ICONS, id=icons.id, kit_id=kit.id),
    ]
    arrow, bell = (await repo.find(Asset, kit_id=kit.id)).items
    assert [arrow, bell] == [
        replace(ASSET, id=arrow.id, kit_id=kit.id, section_id=logos.id, added_by="tester"),
        replace(BELL, id=bell.id, kit_id=kit.id, section_id=icons.id, version=1, added_by="tester"),
    ]
    (tagging,) = (await repo.find(Tagging, asset_id=[arrow.id, bell.id])).items
    assert tagging == replace(TAGGING, id=tagging.id, asset_id=bell.id)


async def test_the_other_kit_stays_as_it_was() -> None:
    repo = MemoryRepo(*LIBRARY, member("editor"))

    await run(duplicate_kit(repo))

    for entity in LIBRARY:
        assert await repo.get(type(entity), entity.id) == entity


async def test_a_kit_of_several_pages_is_duplicated_whole() -> None:
    assets = [replace(ASSET, id=UUID(int=1000 + number), name=f"{number}.svg") for number in range(450)]
    taggings = [replace(TAGGING, id=UUID(int=2000 + n), asset_id=asset.id) for n, asset in enumerate(assets)]
    action = duplicate_kit(MemoryRepo(SPACE, KIT, SECTION, *assets, TAG, *taggings, member("editor")))

    kit = await run(action)

    assert await action.repo.count(Asset, kit_id=kit.id) == 450
    assert await action.repo.count(Tagging) == 900
    assert isinstance(action.progress, MemoryProgress)
    assert action.progress.reports == [(done, 450) for done in range(1, 451)]


async def test_an_archived_kit_has_a_copy_that_is_not() -> None:
    kit = await run(duplicate_kit(MemoryRepo(replace(KIT, archived_at=AT), member("editor"))))

    assert kit.archived_at is None


async def test_a_taken_name_is_a_problem() -> None:
    repo = MemoryRepo(*LIBRARY, member("owner"))

    told = await refusal(duplicate_kit(repo, name=KIT.name))

    assert (told["code"], told["name"]) == (KitNameTaken.code, KIT.name)
    assert repo.store.changes == []


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    assert (await refusal(duplicate_kit(MemoryRepo(member("owner")))))["code"] == EntityNotFound.code


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await run(duplicate_kit(MemoryRepo(*LIBRARY, member(role))))


async def test_a_viewer_may_not() -> None:
    assert (await refusal(duplicate_kit(MemoryRepo(*LIBRARY, member("viewer")))))["code"] == PermissionMissing.code


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    told = await refusal(duplicate_kit(MemoryRepo(*LIBRARY, member("owner", "somebody"))))

    assert told == await refusal(duplicate_kit(MemoryRepo()))
