from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.move_section import MoveSection
from ports.checkpoint import PermissionMissing
from ports.library import KitArchived, Role, Section
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import KIT, OTHER_SPACE, SECTION, member

ARCHIVED = replace(KIT, archived_at=datetime(2026, 1, 1, tzinfo=UTC))

SECTIONS = [replace(SECTION, id=UUID(int=30 + n), name=name, position=n) for n, name in enumerate("abcd")]
ELSEWHERE = replace(SECTION, kit_id=UUID(int=20))


def move_section(repo: MemoryRepo, *, position: int = 2, section: Section = SECTIONS[0]) -> MoveSection:
    return MoveSection(repo=repo, checkpoint=MemoryCheckpoint(repo), section_id=section.id, position=position)


@pytest.mark.parametrize(
    ("name", "position", "order"),
    [
        ("a", 2, "bcad"),
        ("d", 0, "dabc"),
        ("c", 1, "acbd"),
        ("b", 3, "acdb"),
        ("b", 1_000_000, "acdb"),
        ("c", 2, "abcd"),
    ],
)
async def test_the_sections_stand_in_the_new_order_without_gaps(name: str, position: int, order: str) -> None:
    repo = MemoryRepo(KIT, *reversed(SECTIONS), ELSEWHERE, member("owner"))
    section = next(each for each in SECTIONS if each.name == name)

    answered = await run(move_section(repo, position=position, section=section))

    assert [(each.name, each.position) for each in answered] == list(zip(order, range(4), strict=True))
    assert [await repo.get(Section, each.id) for each in answered] == answered
    assert await repo.get(Section, ELSEWHERE.id) == ELSEWHERE


async def test_those_that_keep_their_position_are_not_changed() -> None:
    repo = MemoryRepo(KIT, *SECTIONS, member("owner"))

    answered = await run(move_section(repo, position=1))

    assert [each.version for each in answered] == [2, 2, 1, 1]


async def test_all_of_very_many_sections_are_in_order() -> None:
    many = [replace(SECTION, id=UUID(int=1000 + n), name=str(n), position=n) for n in range(450)]
    repo = MemoryRepo(KIT, *many, member("owner"))

    answered = await run(move_section(repo, position=0, section=many[-1]))

    assert [each.position for each in answered] == list(range(450))
    assert [each.name for each in answered[:2]] == ["449", "0"]


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, *SECTIONS, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(move_section(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_section_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(move_section(repo))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, *SECTIONS, member(role))

    assert await run(move_section(repo))


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(KIT, *SECTIONS, member("viewer"))

    with pytest.raises(PermissionMissing):
        await run(move_section(repo))


async def test_a_stranger_cannot_tell_whether_the_section_exists() -> None:
    there = MemoryRepo(KIT, *SECTIONS, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(move_section(there))

    assert told == await refusal(move_section(MemoryRepo()))
