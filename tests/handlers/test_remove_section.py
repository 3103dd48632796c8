from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.remove_section import RemoveSection
from ports.action import Execution
from ports.checkpoint import PermissionMissing
from ports.kits import TargetMissing
from ports.library import Asset, AssetNameTaken, Kit, KitArchived, Role, Section
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)

SECTIONS = [replace(SECTION, id=UUID(int=30 + n), name=name, position=n) for n, name in enumerate("abc")]
FIRST, SECOND, _ = SECTIONS
INSIDE = replace(ASSET, section_id=FIRST.id)
REMOVED = replace(INSIDE, id=UUID(int=40), removed_at=datetime(2025, 1, 1, tzinfo=UTC))
BESIDE = replace(ASSET, id=UUID(int=41), section_id=SECOND.id, name="bell.svg")
OTHER_KIT = Kit(id=UUID(int=20), space_id=KIT.space_id, name="Shop")
IN_OTHER_KIT = replace(SECTION, id=UUID(int=33), kit_id=OTHER_KIT.id)
IN_OTHER_SPACE = replace(SECTION, id=UUID(int=34), space_id=OTHER_SPACE.id, kit_id=UUID(int=21))


def remove_section(
    repo: MemoryRepo, assets: Literal["trash", "move"] = "trash", to: Section | None = None
) -> RemoveSection:
    return RemoveSection(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        section_id=FIRST.id,
        assets=assets,
        to_section_id=to.id if to else None,
        execution=Execution(at=AT),
    )


async def test_the_section_is_gone_and_those_after_it_move_up() -> None:
    repo = MemoryRepo(KIT, *SECTIONS, member("owner"))

    assert await run(remove_section(repo)) == FIRST

    left = (await repo.find(Section, kit_id=KIT.id)).items
    assert [(each.name, each.position) for each in left] == [("b", 0), ("c", 1)]


async def test_its_assets_go_into_the_trash_and_what_is_in_it_stays_there() -> None:
    repo = MemoryRepo(KIT, *SECTIONS, INSIDE, REMOVED, BESIDE, member("owner"))

    await run(remove_section(repo))

    assert await repo.get(Asset, INSIDE.id) == replace(INSIDE, section_id=None, removed_at=AT, version=2)
    assert await repo.get(Asset, REMOVED.id) == replace(REMOVED, section_id=None, version=2)
    assert await repo.get(Asset, BESIDE.id) == BESIDE


@pytest.mark.parametrize("target", [SECOND, IN_OTHER_KIT], ids=["of the kit", "of another kit"])
async def test_its_assets_move_to_another_section_and_those_in_the_trash_with_them(target: Section) -> None:
    repo = MemoryRepo(KIT, OTHER_KIT, *SECTIONS, IN_OTHER_KIT, INSIDE, REMOVED, member("owner"))

    await run(remove_section(repo, "move", target))

    for asset in (INSIDE, REMOVED):
        moved = replace(asset, section_id=target.id, kit_id=target.kit_id, version=2)
        assert await repo.get(Asset, asset.id) == moved


async def test_very_many_assets_all_go() -> None:
    many = [replace(INSIDE, id=UUID(int=1000 + n), name=str(n)) for n in range(450)]
    repo = MemoryRepo(KIT, *SECTIONS, *many, member("owner"))

    await run(remove_section(repo, "move", SECOND))

    assert await repo.count(Asset, section_id=SECOND.id) == 450


async def test_a_name_that_is_taken_in_the_other_section_is_a_problem() -> None:
    repo = MemoryRepo(KIT, *SECTIONS, INSIDE, replace(BESIDE, name=INSIDE.name), member("owner"))

    with pytest.raises(AssetNameTaken) as raised:
        await run(remove_section(repo, "move", SECOND))

    assert raised.value.document()["name"] == INSIDE.name


@pytest.mark.parametrize("target", [None, FIRST], ids=["no section", "itself"])
async def test_moving_to_no_other_section_is_a_problem(target: Section | None) -> None:
    repo = MemoryRepo(KIT, *SECTIONS, INSIDE, member("owner"))

    with pytest.raises(TargetMissing):
        await run(remove_section(repo, "move", target))

    assert repo.store.changes == []


async def test_a_section_of_another_space_is_as_if_not_there() -> None:
    repo = MemoryRepo(KIT, *SECTIONS, INSIDE, IN_OTHER_SPACE, member("owner"), member("owner", of=OTHER_SPACE))

    told = await refusal(remove_section(repo, "move", IN_OTHER_SPACE))

    assert told == await refusal(remove_section(MemoryRepo(KIT, *SECTIONS, member("owner")), "move", IN_OTHER_SPACE))


async def test_an_archived_kit_gives_nothing_away() -> None:
    repo = MemoryRepo(ARCHIVED, OTHER_KIT, *SECTIONS, IN_OTHER_KIT, INSIDE, member("owner"))

    with pytest.raises(KitArchived):
        await run(remove_section(repo, "move", IN_OTHER_KIT))


async def test_an_archived_kit_takes_nothing_in() -> None:
    repo = MemoryRepo(KIT, replace(OTHER_KIT, archived_at=AT), *SECTIONS, IN_OTHER_KIT, INSIDE, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(remove_section(repo, "move", IN_OTHER_KIT))

    assert raised.value.document()["kit_id"] == OTHER_KIT.id


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, *SECTIONS, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(remove_section(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_section_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(remove_section(repo))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, *SECTIONS, member(role))

    assert await run(remove_section(repo))


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(KIT, *SECTIONS, member("viewer"))

    with pytest.raises(PermissionMissing):
        await run(remove_section(repo))


@pytest.mark.parametrize("target", [None, FIRST, SECOND], ids=["no section", "itself", "another"])
async def test_a_stranger_cannot_tell_whether_the_sections_exist(target: Section | None) -> None:
    there = MemoryRepo(KIT, *SECTIONS, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(remove_section(there, "move", target))

    assert told == await refusal(remove_section(MemoryRepo(), "move", target))
