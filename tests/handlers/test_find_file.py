from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from adapters.files.content import FileLimits
from adapters.memory.files import MemoryFileStore
from adapters.memory.repo import MemoryRepo
from handlers.find_file import FindFile
from ports.action import Caller, Execution
from ports.entity import Entity
from ports.files import File, FileNotStored
from ports.library import Role
from ports.repo import MAX_PAGE
from ports.sharing import LinkNotValid, Share, link_caller
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, OTHER_SPACE, SHA256, SPACE, UPLOAD, member

REMOVED = replace(ASSET, removed_at=datetime(2026, 1, 1, tzinfo=UTC))
FILE = File(sha256=SHA256, size=100, media_type="image/svg+xml")
KEPT = MemoryFileStore(FileLimits(), present={SHA256: b"<svg/>"})
SHARE = Share(id=UUID(int=80), space_id=SPACE.id, kit_id=KIT.id, shared_by="ada", token_hash="f" * 64)
TESTER = Caller(actor="tester")
LINK = link_caller(SHARE.id, entry_point="http")


def finding(*entities: Entity, caller: Caller = TESTER, files: MemoryFileStore = KEPT) -> FindFile:
    execution = Execution(caller=caller)
    return FindFile(repo=MemoryRepo(*entities), files=files, sha256=SHA256, execution=execution)


async def find_file(*entities: Entity, caller: Caller = TESTER) -> File:
    found: File = await run(finding(*entities, caller=caller))
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
    assert await refusal(finding(*entities)) == await refusal(finding())


def test_only_the_service_itself_asks() -> None:
    assert FindFile.internal


async def test_a_member_of_more_spaces_than_a_page_holds_sees_the_files_of_each() -> None:
    spaces = [replace(SPACE, id=UUID(int=number), name=str(number)) for number in range(1_000, 1_000 + MAX_PAGE + 5)]
    asset = replace(ASSET, space_id=spaces[-1].id)

    assert await find_file(asset, *(member("viewer", of=space) for space in spaces)) == FILE


async def test_what_a_public_kit_holds_is_found_by_everybody() -> None:
    assert await find_file(ASSET, replace(KIT, visibility="public")) == FILE


@pytest.mark.parametrize(
    "entities",
    [
        (ASSET, KIT),
        (REMOVED, replace(KIT, visibility="public")),
        (ASSET, replace(KIT, visibility="public", archived_at=datetime(2026, 1, 1, tzinfo=UTC))),
        (ASSET, replace(KIT, id=UUID(int=20), visibility="public")),
    ],
    ids=["a private kit", "its trash", "an archived kit", "another kit"],
)
async def test_what_is_not_in_the_open_is_not_found(entities: tuple[Entity, ...]) -> None:
    assert await refusal(finding(*entities)) == await refusal(finding())


async def test_a_link_finds_what_lies_in_its_kit() -> None:
    assert await find_file(SHARE, KIT, ASSET, caller=LINK) == FILE


async def test_a_link_finds_nothing_else() -> None:
    elsewhere = replace(ASSET, kit_id=UUID(int=20))
    public = replace(KIT, id=UUID(int=20), visibility="public")

    told = await refusal(finding(SHARE, KIT, REMOVED, elsewhere, public, UPLOAD, member("owner"), caller=LINK))

    assert told["code"] == FileNotStored.code


async def test_a_link_that_is_not_valid_finds_nothing() -> None:
    revoked = replace(SHARE, revoked_at=datetime(2026, 1, 1, tzinfo=UTC))
    archived = replace(KIT, archived_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert (await refusal(finding(revoked, KIT, ASSET, caller=LINK)))["code"] == LinkNotValid.code
    assert (await refusal(finding(SHARE, archived, ASSET, caller=LINK)))["code"] == LinkNotValid.code


async def test_a_file_that_is_looked_for_counts_as_new() -> None:
    files = MemoryFileStore(FileLimits(), present={SHA256: b"<svg/>"})
    files.touched[SHA256] -= timedelta(days=2)
    before = datetime.now(UTC) - timedelta(days=1)

    await run(finding(UPLOAD, files=files))

    assert not await files.discard(SHA256, before=before)


async def test_a_file_whose_bytes_are_gone_is_not_found() -> None:
    assert (await refusal(finding(UPLOAD, files=MemoryFileStore(FileLimits()))))["code"] == FileNotStored.code
