from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.add_section import AddSection
from ports.action import Execution
from ports.checkpoint import PermissionMissing
from ports.library import Kit, KitArchived, Role, Section, SectionNameTaken
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import KIT, SECTION, member

ARCHIVED = replace(KIT, archived_at=datetime(2026, 1, 1, tzinfo=UTC))
OTHER_KIT = Kit(id=UUID(int=20), space_id=KIT.space_id, name="Shop")


def add_section(repo: MemoryRepo, name: str = "Icons", kit: Kit = KIT, number: int = 1) -> AddSection:
    return AddSection(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        kit_id=kit.id,
        name=name,
        execution=Execution(id=UUID(int=number)),
    )


async def test_a_new_section_is_stored() -> None:
    repo = MemoryRepo(KIT, member("owner"))

    section = await run(add_section(repo))

    assert await repo.get(Section, section.id) == Section(
        id=section.id, space_id=KIT.space_id, kit_id=KIT.id, name="Icons", position=0
    )


async def test_sections_stand_in_the_order_of_their_making() -> None:
    repo = MemoryRepo(KIT, member("owner"))

    made = [await run(add_section(repo, name, number=n)) for n, name in enumerate(["b", "a", "c"])]

    assert [section.position for section in made] == [0, 1, 2]


async def test_a_section_of_another_kit_counts_for_nothing() -> None:
    repo = MemoryRepo(KIT, OTHER_KIT, SECTION, member("owner"))

    section = await run(add_section(repo, SECTION.name, OTHER_KIT))

    assert section.position == 0


async def test_a_taken_name_is_a_problem() -> None:
    with pytest.raises(SectionNameTaken) as raised:
        await run(add_section(MemoryRepo(KIT, SECTION, member("owner")), SECTION.name))

    assert raised.value.document()["name"] == SECTION.name


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(add_section(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    with pytest.raises(EntityNotFound):
        await run(add_section(MemoryRepo(member("owner"))))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await run(add_section(MemoryRepo(KIT, member(role))))


async def test_a_viewer_may_not() -> None:
    with pytest.raises(PermissionMissing):
        await run(add_section(MemoryRepo(KIT, member("viewer"))))


async def test_a_stranger_cannot_tell_whether_the_kit_or_the_section_exists() -> None:
    told = await refusal(add_section(MemoryRepo(KIT, SECTION), SECTION.name))

    assert told == await refusal(add_section(MemoryRepo(), SECTION.name))
