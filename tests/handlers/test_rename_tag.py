from dataclasses import replace
from uuid import UUID

import pytest

from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.rename_tag import RenameTag
from ports.checkpoint import PermissionMissing
from ports.library import Role
from ports.repo import EntityNotFound, VersionMismatch
from ports.tags import Tag, TagNameTaken
from tests.handlers.run import refusal, run
from tests.library import OTHER_SPACE, SPACE, member

TAG = Tag(id=UUID(int=40), space_id=SPACE.id, name="blue")
OTHER = replace(TAG, id=UUID(int=41), name="red")


def rename_tag(repo: MemoryRepo, *, name: str = "azure", expected_version: int = 1) -> RenameTag:
    return RenameTag(
        repo=repo, checkpoint=MemoryCheckpoint(repo), tag_id=TAG.id, name=name, expected_version=expected_version
    )


async def test_the_tag_has_its_new_name_and_next_version() -> None:
    repo = MemoryRepo(TAG, member("owner"))

    tag = await run(rename_tag(repo))

    assert tag == replace(TAG, name="azure", version=2)
    assert await repo.get(Tag, TAG.id) == tag


async def test_a_taken_name_is_a_problem() -> None:
    repo = MemoryRepo(TAG, OTHER, member("owner"))

    told = await refusal(rename_tag(repo, name=OTHER.name))

    assert (told["code"], told["name"]) == (TagNameTaken.code, OTHER.name)
    assert await repo.get(Tag, TAG.id) == TAG


async def test_the_name_of_a_tag_of_another_space_is_free() -> None:
    repo = MemoryRepo(TAG, replace(OTHER, space_id=OTHER_SPACE.id), member("owner"))

    assert (await run(rename_tag(repo, name=OTHER.name))).name == OTHER.name


async def test_who_saw_an_older_version_is_told_the_present_one() -> None:
    told = await refusal(rename_tag(MemoryRepo(replace(TAG, version=3), member("owner")), expected_version=2))

    assert (told["code"], told["current_version"]) == (VersionMismatch.code, 3)


async def test_a_tag_that_is_not_there_is_a_problem() -> None:
    assert (await refusal(rename_tag(MemoryRepo(member("owner")))))["code"] == EntityNotFound.code


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await run(rename_tag(MemoryRepo(TAG, member(role))))


async def test_a_viewer_may_not() -> None:
    assert (await refusal(rename_tag(MemoryRepo(TAG, member("viewer")))))["code"] == PermissionMissing.code


async def test_a_stranger_cannot_tell_whether_the_tag_exists() -> None:
    told = await refusal(rename_tag(MemoryRepo(TAG, member("owner", "somebody"))))

    assert told == await refusal(rename_tag(MemoryRepo()))
