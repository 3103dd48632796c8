from dataclasses import replace
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.rename_space import RenameSpace
from ports.checkpoint import PermissionMissing
from ports.library import Role, Space, SpaceNameTaken
from ports.repo import EntityNotFound, VersionMismatch
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, SPACE, member

OTHER = replace(SPACE, id=UUID(int=10), name="Shop")


def rename_space(repo: MemoryRepo, *, name: str = "Studio", expected_version: int = 1) -> RenameSpace:
    return RenameSpace(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        space_id=SPACE.id,
        name=name,
        expected_version=expected_version,
    )


async def test_the_space_has_its_new_name_and_next_version() -> None:
    repo = MemoryRepo(SPACE, OTHER, member("owner"))

    space = await run(rename_space(repo))

    assert space == replace(SPACE, name="Studio", version=2)
    assert (await repo.find(Space)).items == [space, OTHER]


async def test_a_name_that_its_creator_has_used_is_a_problem() -> None:
    repo = MemoryRepo(SPACE, OTHER, member("owner"))

    with pytest.raises(SpaceNameTaken):
        await run(rename_space(repo, name=OTHER.name))

    assert await repo.get(Space, SPACE.id) == SPACE


async def test_a_name_that_somebody_else_has_used_tells_nothing_of_them() -> None:
    repo = MemoryRepo(SPACE, replace(OTHER, created_by="somebody"), member("owner"))

    assert (await run(rename_space(repo, name=OTHER.name))).name == OTHER.name


async def test_who_saw_an_older_version_is_told_the_present_one() -> None:
    repo = MemoryRepo(replace(SPACE, version=3), member("owner"))

    with pytest.raises(VersionMismatch) as raised:
        await run(rename_space(repo, expected_version=2))

    assert raised.value.document()["current_version"] == 3
    assert repo.store.changes == []


async def test_a_space_that_is_not_there_is_a_problem() -> None:
    repo = MemoryRepo(member("owner"))

    with pytest.raises(EntityNotFound):
        await run(rename_space(repo))


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_an_admin_and_above_may(role: Role) -> None:
    repo = MemoryRepo(SPACE, member(role))

    assert await run(rename_space(repo))


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_a_viewer_and_an_editor_may_not(role: Role) -> None:
    repo = MemoryRepo(SPACE, member(role))

    with pytest.raises(PermissionMissing):
        await run(rename_space(repo))


async def test_a_stranger_cannot_tell_whether_the_space_exists() -> None:
    there = MemoryRepo(SPACE, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    told = await refusal(rename_space(there))

    assert told == await refusal(rename_space(MemoryRepo()))
