"""What was uploaded and is used by nothing, in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tests.adapters.storage import Storage, keep
from tests.library import ASSET, KIT, SECTION, SHA256, SPACE, UPLOAD

UNUSED, NOWHERE = "b" * 64, "c" * 64
AT = UPLOAD.uploaded_at
HOUR = timedelta(hours=1)
LONELY = replace(UPLOAD, id=UUID(int=50), sha256=UNUSED)
OLDER = replace(LONELY, id=UUID(int=51), actor="ada", uploaded_at=AT - HOUR)


async def test_uploads_that_no_asset_holds_are_found_oldest_first(storage: Storage) -> None:
    removed = replace(ASSET, removed_at=AT)
    await keep(storage, SPACE, KIT, SECTION, removed, UPLOAD, LONELY, OLDER)

    async with storage.transaction() as ports:
        assert await ports.leftovers.uploads(before=AT + HOUR, limit=5) == [OLDER, LONELY]
        assert await ports.leftovers.uploads(before=AT + HOUR, limit=1) == [OLDER]
        assert await ports.leftovers.uploads(before=AT, limit=5) == [OLDER]


async def test_a_file_is_named_by_uploads_and_by_assets(storage: Storage) -> None:
    await keep(storage, SPACE, KIT, SECTION, ASSET, LONELY)

    async with storage.transaction() as ports:
        assert await ports.leftovers.unnamed([SHA256, UNUSED, NOWHERE]) == {NOWHERE}
        assert await ports.leftovers.unnamed([]) == set()
