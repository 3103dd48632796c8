from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.rename_section import RenameSection
from ports.checkpoint import PermissionMissing
from ports.library import KitArchived, Role, Section, SectionNameTaken
from ports.repo import EntityNotFound, VersionMismatch
from tests.handlers.run import refusal, run
from tests.library import KIT, OTHER_SPACE, SECTION, member

ARCHIVED = replace(KIT, archived_at=datetime(2026, 1, 1, tzinfo=UTC))

OTHER = replace(SECTION, id=UUID(int=30), name="Icons", position=1)


def rename_section(repo: MemoryRepo, *, name: str = "Marks", expected_version: int = 1) -> RenameSection:
    return RenameSection(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        section_id=SECTION.id,
        name=name,
        expected_version=expected_version,
    )


async def test_the_section_has_its_new_name_and_next_version() -> None:
    repo = MemoryRepo(KIT, SECTION, OTHER, member("owner"))

    section = await run(rename_section(repo))

    assert section == replace(SECTION, name="Marks", version=2)
    assert (await repo.find(Section)).items == [section, OTHER]


async def test_a_taken_name_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, OTHER, member("owner"))

    with pytest.raises(SectionNameTaken) as raised:
        await run(rename_section(repo, name=OTHER.name))

    assert raised.value.document()["name"] == OTHER.name
    assert await repo.get(Section, SECTION.id) == SECTION


async def test_who_saw_an_older_version_is_told_the_present_one() -> None:
    repo = MemoryRepo(KIT, replace(SECTION, version=3), member("owner"))

    with pytest.raises(VersionMismatch) as raised:
        await run(rename_section(repo, expected_version=2))

    assert raised.value.document()["current_version"] == 3
    assert repo.store.changes == []


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, SECTION, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(rename_section(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_section_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(rename_section(repo))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, SECTION, member(role))

    assert await run(rename_section(repo))


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(KIT, SECTION, member("viewer"))

    with pytest.raises(PermissionMissing):
        await run(rename_section(repo))


async def test_a_stranger_cannot_tell_whether_the_section_exists() -> None:
    there = MemoryRepo(KIT, SECTION, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(rename_section(there))

    assert told == await refusal(rename_section(MemoryRepo()))
