from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.memory.actions import MemoryActions
from adapters.memory.checkpoint import MemoryCheckpoint
from adapters.memory.repo import MemoryRepo
from handlers.add_asset import AddAsset
from ports.checkpoint import PermissionMissing
from ports.files import File, FileNotStored
from ports.library import Asset, AssetNameTaken, KitArchived, NotAnImage, Role, Section
from ports.repo import EntityNotFound
from tests.handlers.run import refusal, run
from tests.library import ASSET, KIT, SECTION, SHA256, member

FILE = File(sha256=SHA256, size=100, media_type="image/svg+xml")
ARCHIVE = File(sha256=SHA256, size=100, media_type="application/zip")
AT = datetime(2026, 1, 1, tzinfo=UTC)
ARCHIVED = replace(KIT, archived_at=AT)
OTHER_SECTION = Section(id=UUID(int=30), space_id=KIT.space_id, kit_id=KIT.id, name="Icons", position=1)


def add_asset(repo: MemoryRepo, answer: object = FILE, *, section: Section = SECTION) -> AddAsset:
    return AddAsset(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        actions=MemoryActions(find_file=answer),
        section_id=section.id,
        name=ASSET.name,
        file=SHA256,
    )


async def test_a_new_asset_is_stored_with_what_is_known_of_its_file() -> None:
    repo = MemoryRepo(KIT, SECTION, member("owner"))

    asset = await run(add_asset(repo))

    assert await repo.get(Asset, asset.id) == Asset(
        id=asset.id,
        space_id=SECTION.space_id,
        kit_id=SECTION.kit_id,
        section_id=SECTION.id,
        name=ASSET.name,
        sha256=FILE.sha256,
        media_type=FILE.media_type,
        size=FILE.size,
        added_by="tester",
    )


async def test_the_file_is_looked_for_among_those_that_the_caller_may_use() -> None:
    actions, repo = MemoryActions(find_file=FILE), MemoryRepo(KIT, SECTION)

    action = AddAsset(
        repo=repo,
        checkpoint=MemoryCheckpoint(repo),
        actions=actions,
        section_id=SECTION.id,
        name="arrow.svg",
        file=SHA256,
    )
    await action.execute()

    assert actions.calls == [("find_file", {"sha256": SHA256})]


async def test_a_file_that_the_caller_may_not_use_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, member("owner"))

    with pytest.raises(FileNotStored):
        await run(add_asset(repo, FileNotStored(sha256=SHA256)))

    assert await repo.count(Asset) == 0


async def test_what_is_no_image_is_a_problem() -> None:
    repo = MemoryRepo(KIT, SECTION, member("owner"))

    with pytest.raises(NotAnImage) as raised:
        await run(add_asset(repo, ARCHIVE))

    assert raised.value.document()["media_type"] == "application/zip"
    assert await repo.count(Asset) == 0


async def test_a_taken_name_is_a_problem() -> None:
    with pytest.raises(AssetNameTaken):
        await run(add_asset(MemoryRepo(KIT, SECTION, ASSET, member("owner"))))


async def test_another_section_may_have_an_asset_of_the_same_name() -> None:
    repo = MemoryRepo(KIT, SECTION, OTHER_SECTION, ASSET, member("owner"))

    await run(add_asset(repo, section=OTHER_SECTION))

    assert await repo.count(Asset, name=ASSET.name) == 2


async def test_a_name_in_the_trash_is_free() -> None:
    repo = MemoryRepo(KIT, SECTION, replace(ASSET, removed_at=AT), member("owner"))

    await run(add_asset(repo))

    assert await repo.count(Asset, name=ASSET.name) == 2


async def test_an_archived_kit_is_a_problem() -> None:
    repo = MemoryRepo(ARCHIVED, SECTION, member("owner"))

    with pytest.raises(KitArchived) as raised:
        await run(add_asset(repo))

    assert raised.value.document()["kit_id"] == KIT.id
    assert repo.store.changes == []


async def test_a_section_that_is_not_there_is_a_problem() -> None:
    with pytest.raises(EntityNotFound):
        await run(add_asset(MemoryRepo(member("owner"))))


@pytest.mark.parametrize("role", ["editor", "admin", "owner"])
async def test_an_editor_and_above_may(role: Role) -> None:
    assert await run(add_asset(MemoryRepo(KIT, SECTION, member(role))))


async def test_a_viewer_may_not() -> None:
    with pytest.raises(PermissionMissing):
        await run(add_asset(MemoryRepo(KIT, SECTION, member("viewer"))))


async def test_a_stranger_cannot_tell_whether_the_section_or_the_file_exists() -> None:
    told = await refusal(add_asset(MemoryRepo(KIT, SECTION, ASSET)))

    assert told == await refusal(add_asset(MemoryRepo(), FileNotStored(sha256=SHA256)))
