from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.rename_kit import RenameKit
from ports.checkpoint import PermissionMissing
from ports.library import Kit, KitArchived, KitNameTaken, Role
from ports.repo import EntityNotFound, VersionMismatch
from tests.handlers.run import refusal, run
from tests.library import KIT, SPACE, member

ARCHIVED = replace(KIT, archived_at=datetime(2026, 1, 1, tzinfo=UTC))
OTHER = Kit(id=UUID(int=20), space_id=KIT.space_id, name="Shop")


def rename_kit(repo: MemoryRepo, *, name: str = "Red", expected_version: int = 1) -> RenameKit:
    return RenameKit(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        kit_id=KIT.id,
        name=name,
        expected_version=expected_version,
    )


async def test_the_kit_has_its_new_name_and_next_version() -> None:
    repo = MemoryRepo(SPACE, KIT, member("owner"))

    kit = await run(rename_kit(repo))

    assert kit == replace(KIT, name="Red", version=2)
    assert await repo.get(Kit, KIT.id) == kit


async def test_a_taken_name_is_a_problem() -> None:
    repo = MemoryRepo(SPACE, KIT, OTHER, member("owner"))

    with pytest.raises(KitNameTaken):
        await run(rename_kit(repo, name=OTHER.name))

    assert await repo.get(Kit, KIT.id) == KIT


async def test_a_kit_may_keep_its_name() -> None:
    kit = await run(rename_kit(MemoryRepo(SPACE, KIT, member("owner")), name=KIT.name))

    assert kit.version == 2


async def test_who_saw_an_older_version_is_told_the_present_one() -> None:
    repo = MemoryRepo(SPACE, replace(KIT, version=3), member("owner"))

    with pytest.raises(VersionMismatch) as raised:
        await run(rename_kit(repo, expected_version=2))

    assert raised.value.document()["current_version"] == 3


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(SPACE, ARCHIVED, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(rename_kit(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    with pytest.raises(EntityNotFound):
        await run(rename_kit(MemoryRepo(member("owner"))))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await run(rename_kit(MemoryRepo(SPACE, KIT, member(role))))


async def test_a_viewer_may_not() -> None:
    with pytest.raises(PermissionMissing):
        await run(rename_kit(MemoryRepo(SPACE, KIT, member("viewer"))))


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    told = await refusal(rename_kit(MemoryRepo(SPACE, KIT, member("owner", "somebody"))))

    assert told == await refusal(rename_kit(MemoryRepo()))
