from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.archive_kit import ArchiveKit
from ports.action import Execution
from ports.checkpoint import PermissionMissing
from ports.library import Kit, KitArchived, Role
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, member

AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)


def archive_kit(repo: MemoryRepo) -> ArchiveKit:
    return ArchiveKit(repo=repo, checkpoint=MemoryCheckpoint(repo), kit_id=KIT.id, execution=Execution(at=AT))


async def test_the_kit_is_archived_from_now_on() -> None:
    repo = MemoryRepo(KIT, SECTION, ASSET, member("owner"))

    kit = await run(archive_kit(repo))

    assert kit == replace(KIT, archived_at=AT, version=2)
    assert await repo.get(Kit, KIT.id) == kit
    assert len(repo.store.changes) == 1


async def test_a_kit_that_is_archived_already_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(archive_kit(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(archive_kit(repo))


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, member(role))

    assert await run(archive_kit(repo))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    repo = MemoryRepo(KIT, member(role))

    with pytest.raises(PermissionMissing):
        await run(archive_kit(repo))


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    there = MemoryRepo(KIT, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(archive_kit(there))

    assert told == await refusal(archive_kit(MemoryRepo()))
