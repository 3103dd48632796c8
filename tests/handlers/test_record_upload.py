from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from adapters.memory.repo import MemoryRepo
from handlers.record_upload import RecordUpload
from ports.action import Execution
from ports.files import File
from ports.library import Upload
from tests.handlers.run import run
from tests.library import SHA256, UPLOAD


def record_upload(repo: MemoryRepo) -> RecordUpload:
    execution = Execution(id=UUID(int=7))
    return RecordUpload(repo=repo, sha256=SHA256, size=100, media_type="image/svg+xml", execution=execution)


async def test_an_upload_is_the_callers() -> None:
    repo = MemoryRepo()

    file = await run(record_upload(repo))

    assert file == File(sha256=SHA256, size=100, media_type="image/svg+xml")
    assert [replace(upload, id=UPLOAD.id) for upload in (await repo.find(Upload)).items] == [UPLOAD]


async def test_bringing_it_again_makes_it_new_again() -> None:
    repo = MemoryRepo(replace(UPLOAD, uploaded_at=UPLOAD.uploaded_at - timedelta(days=2)))

    await run(record_upload(repo))

    assert (await repo.find(Upload)).items == [replace(UPLOAD, version=2)]


async def test_each_of_two_who_bring_it_has_brought_it() -> None:
    repo = MemoryRepo(replace(UPLOAD, actor="somebody"))

    await run(record_upload(repo))

    assert {upload.actor for upload in (await repo.find(Upload)).items} == {"somebody", "tester"}


def test_only_the_service_itself_asks() -> None:
    assert RecordUpload.internal
