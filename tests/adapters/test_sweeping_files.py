"""What a file store promises to who sweeps it: what is new stays, and what is being added is new."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from adapters.files.content import FileLimits
from adapters.files.folder import FolderFileStore
from adapters.memory.files import MemoryFileStore
from ports.files import FileDisposal, FileNotStored, FileStore

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h{}"/></svg>'
DAY = timedelta(days=1)


class Store(FileStore, FileDisposal, Protocol):
    """Both sides of a store."""


Aged = Callable[[str], None]


@pytest.fixture(params=["folder", "memory"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Aged]:
    """A store, and how a file in it is made two days older."""
    if request.param == "folder":
        return FolderFileStore(tmp_path, FileLimits()), lambda sha256: aged(tmp_path, sha256)
    memory = MemoryFileStore(FileLimits())

    def age(sha256: str) -> None:
        memory.touched[sha256] -= 2 * DAY

    return memory, age


def aged(folder: Path, sha256: str) -> None:
    path = folder / sha256[:2] / sha256
    at = path.stat().st_mtime - 2 * DAY.total_seconds()
    os.utime(path, (at, at))


def yesterday() -> datetime:
    return datetime.now(UTC) - DAY


async def added(store: Store, number: int = 1) -> str:
    async def chunks() -> AsyncIterator[bytes]:
        yield SVG.format(number).encode()

    return (await store.add(chunks())).sha256


async def listed(store: Store, *, limit: int = 10) -> list[list[str]]:
    return [batch async for batch in store.stored(before=yesterday(), limit=limit)]


async def is_there(store: Store, sha256: str) -> bool:
    try:
        return [chunk async for chunk in store.read(sha256)] != []
    except FileNotStored:
        return False


async def test_what_is_old_is_listed_in_batches(stored: tuple[Store, Aged]) -> None:
    store, age = stored
    files = [await added(store, number) for number in range(5)]
    for sha256 in files[:3]:
        age(sha256)

    batches = await listed(store, limit=2)

    assert [len(batch) for batch in batches] == [2, 1]
    assert sorted(sha256 for batch in batches for sha256 in batch) == sorted(files[:3])


async def test_an_empty_store_lists_nothing(stored: tuple[Store, Aged]) -> None:
    assert await listed(stored[0]) == []


async def test_what_is_old_can_be_discarded(stored: tuple[Store, Aged]) -> None:
    store, age = stored
    sha256 = await added(store)
    age(sha256)

    assert await store.discard(sha256, before=yesterday())
    assert not await is_there(store, sha256)
    assert not await store.discard(sha256, before=yesterday())


async def test_what_is_new_cannot(stored: tuple[Store, Aged]) -> None:
    store, _ = stored
    sha256 = await added(store)

    assert not await store.discard(sha256, before=yesterday())
    assert await is_there(store, sha256)


@pytest.mark.parametrize("renew", [added, Store.touch], ids=["added again", "touched"])
async def test_what_is_renewed_is_new(stored: tuple[Store, Aged], renew: object) -> None:
    store, age = stored
    sha256 = await added(store)
    age(sha256)

    await (added(store) if renew is added else store.touch(sha256))

    assert await listed(store) == []
    assert not await store.discard(sha256, before=yesterday())


@pytest.mark.parametrize("sha256", ["0" * 64, "../../etc/passwd"])
async def test_what_is_not_there_cannot_be_touched(stored: tuple[Store, Aged], sha256: str) -> None:
    with pytest.raises(FileNotStored):
        await stored[0].touch(sha256)


async def test_what_is_added_while_it_is_discarded_is_there(tmp_path: Path) -> None:
    store = FolderFileStore(tmp_path, FileLimits())
    for number in range(50):
        sha256 = await added(store, number)
        aged(tmp_path, sha256)

        again, _ = await asyncio.gather(added(store, number), store.discard(sha256, before=yesterday()))

        assert await is_there(store, again), number


async def test_what_is_no_file_of_the_store_is_left_alone(tmp_path: Path) -> None:
    store = FolderFileStore(tmp_path, FileLimits())
    stray = tmp_path / "ab" / "notes.txt"
    stray.parent.mkdir()
    stray.write_text("mine")
    os.utime(stray, (0, 0))

    assert await listed(store) == []
    assert stray.exists()
