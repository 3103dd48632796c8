from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from adapters.files.content import FileLimits
from adapters.memory.files import MemoryFileStore
from handlers.sweep_uploads import SweepUploads, SweptUploads
from ports.action import Caller
from ports.argument import InvalidArguments
from ports.entity import Entity
from ports.files import FileNotStored
from ports.library import Upload
from service.testing import Trial
from tests.library import ASSET, SHA256, UPLOAD

NOW = datetime.now(UTC)
YOUNG, OLD = NOW - timedelta(hours=23), NOW - timedelta(hours=25)
OLD_UPLOAD = replace(UPLOAD, uploaded_at=OLD)


def trial(*entities: Entity, stored: datetime = OLD) -> tuple[Trial, MemoryFileStore]:
    files = MemoryFileStore(FileLimits(), present={SHA256: b"<svg/>"})
    files.touched[SHA256] = stored
    return Trial(*entities, caller=Caller(actor="operator"), at=NOW, disposal=files), files


async def is_there(files: MemoryFileStore) -> bool:
    try:
        return [chunk async for chunk in files.read(SHA256)] != []
    except FileNotStored:
        return False


async def test_the_record_goes_first_and_its_file_with_the_next_sweep() -> None:
    swept, files = trial(OLD_UPLOAD)

    assert await swept.run(SweepUploads) == SweptUploads(files_removed=0, uploads_removed=1)
    assert (await swept.repo.count(Upload), await is_there(files)) == (0, True)
    assert await swept.run(SweepUploads) == SweptUploads(files_removed=1, uploads_removed=0)
    assert not await is_there(files)


async def test_a_file_that_nothing_names_goes_at_once() -> None:
    swept, files = trial()

    assert await swept.run(SweepUploads) == SweptUploads(files_removed=1, uploads_removed=0)
    assert not await is_there(files)


@pytest.mark.parametrize(
    "holder",
    [ASSET, replace(ASSET, removed_at=OLD), replace(UPLOAD, uploaded_at=YOUNG)],
    ids=["an asset", "an asset in the trash", "an upload of today"],
)
async def test_what_is_held_stays(holder: Entity) -> None:
    swept, files = trial(holder)

    for _ in range(2):
        assert await swept.run(SweepUploads) == SweptUploads(files_removed=0, uploads_removed=0)
    assert await is_there(files)


async def test_the_record_of_a_file_that_an_asset_holds_stays() -> None:
    swept, _ = trial(OLD_UPLOAD, ASSET)

    assert (await swept.run(SweepUploads)).uploads_removed == 0


async def test_a_file_that_came_today_stays_though_nothing_names_it_yet() -> None:
    swept, files = trial(stored=YOUNG)

    assert (await swept.run(SweepUploads)).files_removed == 0
    assert await is_there(files)


async def test_more_than_a_batch_of_records_all_go() -> None:
    uploads = [replace(OLD_UPLOAD, id=UUID(int=1000 + n), actor=f"actor{n}") for n in range(1_001)]
    swept, _ = trial(*uploads)

    assert (await swept.run(SweepUploads)).uploads_removed == 1_001


async def test_nothing_younger_than_a_day_can_be_asked_for() -> None:
    with pytest.raises(InvalidArguments):
        await trial()[0].run(SweepUploads, older_than_hours=23)


def test_it_is_for_operators() -> None:
    assert SweepUploads.operator
    assert not Caller(actor="ada").may(SweepUploads.permission, operator=True)
    assert Caller(actor="ada", scopes=frozenset({"file.sweep"})).may(SweepUploads.permission, operator=True)
