from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.restore_kit import RestoreKit
from ports.checkpoint import PermissionMissing
from ports.kits import KitNotArchived
from ports.library import Kit, Role
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import KIT, OTHER_SPACE, member

ARCHIVED = replace(KIT, archived_at=datetime(2026, 1, 1, tzinfo=UTC))


def restore_kit(repo: MemoryRepo) -> RestoreKit:
    return RestoreKit(repo=repo, checkpoint=MemoryCheckpoint(repo), kit_id=KIT.id)


async def test_the_kit_is_in_use_again() -> None:
    repo = MemoryRepo(ARCHIVED, member("owner"))

    kit = await run(restore_kit(repo))

    assert kit == replace(KIT, version=2)
    assert await repo.get(Kit, KIT.id) == kit


async def test_a_kit_that_is_not_archived_is_a_problem() -> None:
    repo = MemoryRepo(KIT, member("owner"))

    with pytest.raises(KitNotArchived) as raised:
        await run(restore_kit(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(restore_kit(repo))


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    repo = MemoryRepo(ARCHIVED, member(role))

    assert await run(restore_kit(repo))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    repo = MemoryRepo(ARCHIVED, member(role))

    with pytest.raises(PermissionMissing):
        await run(restore_kit(repo))


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    there = MemoryRepo(ARCHIVED, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(restore_kit(there))

    assert told == await refusal(restore_kit(MemoryRepo()))
