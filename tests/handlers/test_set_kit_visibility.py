from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.set_kit_visibility import SetKitVisibility
from ports.checkpoint import PermissionMissing
from ports.library import Kit, KitArchived, Role
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import KIT, OTHER_SPACE, member

ARCHIVED = replace(KIT, archived_at=datetime(2026, 1, 1, tzinfo=UTC))


def set_kit_visibility(repo: MemoryRepo, visibility: Literal["private", "public"] = "public") -> SetKitVisibility:
    return SetKitVisibility(repo=repo, checkpoint=MemoryCheckpoint(repo), kit_id=KIT.id, visibility=visibility)


async def test_the_kit_is_public_and_private_again() -> None:
    repo = MemoryRepo(KIT, member("owner"))

    assert await run(set_kit_visibility(repo)) == replace(KIT, visibility="public", version=2)
    assert await run(set_kit_visibility(repo, "private")) == replace(KIT, version=3)

    assert (await repo.get(Kit, KIT.id)).visibility == "private"


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(set_kit_visibility(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_kit_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(set_kit_visibility(repo))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    repo = MemoryRepo(KIT, member(role))

    assert await run(set_kit_visibility(repo))


async def test_a_viewer_may_not() -> None:
    repo = MemoryRepo(KIT, member("viewer"))

    with pytest.raises(PermissionMissing):
        await run(set_kit_visibility(repo))


async def test_a_stranger_cannot_tell_whether_the_kit_exists() -> None:
    there = MemoryRepo(KIT, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(set_kit_visibility(there))

    assert told == await refusal(set_kit_visibility(MemoryRepo()))
