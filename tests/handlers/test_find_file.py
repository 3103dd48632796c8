from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.repo import MemoryRepo
from handlers.find_file import FindFile
from ports.entity import Entity
from ports.files import File, FileNotStored
from ports.library import Role
from ports.repo import MAX_PAGE
from tests.handlers.run import refusal, run
from tests.library import ASSET, OTHER_SPACE, SHA256, SPACE, UPLOAD, member

REMOVED = replace(ASSET, removed_at=datetime(2026, 1, 1, tzinfo=UTC))
FILE = File(sha256=SHA256, size=100, media_type="image/svg+xml")


async def find_file(*entities: Entity) -> File:
    found: File = await run(FindFile(repo=MemoryRepo(*entities), sha256=SHA256))
    return found


async def test_what_the_caller_uploaded_is_found() -> None:
    assert await find_file(UPLOAD) == FILE


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", "owner"])
async def test_what_an_asset_holds_is_found_by_each_member_of_its_space(role: Role) -> None:
    assert await find_file(ASSET, member(role)) == FILE


async def test_one_of_several_spaces_is_enough() -> None:
    assert await find_file(ASSET, member("viewer", of=OTHER_SPACE), member("viewer")) == FILE


async def test_what_was_uploaded_is_found_whether_or_not_its_asset_is_in_the_trash() -> None:
    assert await find_file(UPLOAD, REMOVED, member("owner")) == FILE


async def test_an_asset_in_the_trash_gives_no_right_to_its_file() -> None:
    with pytest.raises(FileNotStored):
        await find_file(REMOVED, member("owner"))


async def test_a_file_that_is_nowhere_is_a_problem() -> None:
    with pytest.raises(FileNotStored) as raised:
        await find_file(replace(UPLOAD, sha256="b" * 64), member("owner"))

    assert raised.value.document()["sha256"] == SHA256


@pytest.mark.parametrize(
    "entities",
    [
        (replace(UPLOAD, actor="somebody"),),
        (ASSET, member("owner", "somebody")),
        (ASSET, member("owner", of=OTHER_SPACE)),
    ],
    ids=["somebody's upload", "an asset of a space without the caller", "an asset of another space"],
)
async def test_a_stranger_cannot_tell_whether_the_file_exists(entities: tuple[Entity, ...]) -> None:
    told = await refusal(FindFile(repo=MemoryRepo(*entities), sha256=SHA256))

    assert told == await refusal(FindFile(repo=MemoryRepo(), sha256=SHA256))


def test_only_the_service_itself_asks() -> None:
    assert FindFile.internal


async def test_a_member_of_more_spaces_than_a_page_holds_sees_the_files_of_each() -> None:
    spaces = [replace(SPACE, id=UUID(int=number), name=str(number)) for number in range(1_000, 1_000 + MAX_PAGE + 5)]
    asset = replace(ASSET, space_id=spaces[-1].id)
    memory = MemoryRepo(asset, *(member("viewer", of=space) for space in spaces))

    found = await FindFile(repo=memory, sha256=SHA256).execute()

    assert found.sha256 == SHA256
