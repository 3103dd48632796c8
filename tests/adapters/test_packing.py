"""Archives made of stored files, by every file store."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from PIL import Image

from adapters.files.content import BLOCK_BYTES, FileLimits
from adapters.files.folder import FolderFileStore
from adapters.files.packing import packed
from adapters.memory.files import MemoryFileStore
from ports.files import ArchiveRefused, ArchiveTooLarge, File, FileNotStored, FileStore, PackedFile

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
LIMITS = FileLimits(max_file_bytes=1_000_000, max_entries=5, max_unpacked_bytes=1_500_000)
UNKNOWN = "0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, folder: Path) -> FileStore:
    return FolderFileStore(folder, LIMITS) if request.param == "folder" else MemoryFileStore(LIMITS)


async def sent(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def of(entries: Iterable[tuple[str, bytes | str]]) -> AsyncIterator[PackedFile]:
    for path, content in entries:
        await asyncio.sleep(0)
        yield PackedFile(path=path, content=content)


async def read(store: FileStore, file: File) -> bytes:
    return b"".join([chunk async for chunk in store.read(file.sha256)])


def noise() -> bytes:
    """An image that takes a megabyte, almost."""
    written = BytesIO()
    Image.frombytes("RGB", (570, 570), Random(1).randbytes(570 * 570 * 3)).save(written, "PNG")
    return written.getvalue()


async def test_an_archive_holds_stored_files_and_bytes_in_their_order(store: FileStore) -> None:
    svg, image = await store.add(sent(SVG)), await store.add(sent(noise()))

    made = await store.pack(of([("m.json", b"{}"), ("ä/1.svg", svg.sha256), ("a/2.png", image.sha256), ("e", b"")]))

    content = await read(store, made)
    assert (made.size, made.media_type) == (len(content), "application/zip")
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        members = [(name, archive.read(name)) for name in archive.namelist()]
    assert members == [("m.json", b"{}"), ("ä/1.svg", SVG), ("a/2.png", noise()), ("e", b"")]


async def test_what_is_packed_is_unpacked(store: FileStore) -> None:
    svg = await store.add(sent(SVG))
    made = await store.pack(of([("manifest.json", b"{}"), ("ä b/1.svg", svg.sha256)]))

    manifest, entry = [entry async for entry in store.unpack(made.sha256)]

    assert (manifest.name, manifest.refused) == ("manifest.json", "not_an_image")
    assert (entry.folders, entry.name, entry.file) == (("ä b",), "1.svg", svg)


async def test_the_same_entries_make_the_same_file_in_every_store(store: FileStore) -> None:
    made = []
    for each in (store, MemoryFileStore(LIMITS)):
        svg = await each.add(sent(SVG))
        made.append(await each.pack(of([("a/1.svg", svg.sha256), ("b", b"b")])))

    assert made[0] == made[1]


async def test_no_entry_at_all_is_an_archive(store: FileStore) -> None:
    made = await store.pack(of([]))

    assert [entry async for entry in store.unpack(made.sha256)] == []


@pytest.mark.parametrize(
    "path", ["", "/a", "../a", "a/../b", "a//b", "a/", "C:a", "a\\b", "a\nb", "__MACOSX/a", "a/.DS_Store"]
)
async def test_a_path_that_is_not_safe_is_a_mistake(store: FileStore, folder: Path, path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        await store.pack(of([("a", b"a"), (path, b"b")]))
    assert [found for found in folder.rglob("*") if found.is_file()] == []


async def test_a_path_that_comes_twice_is_a_mistake(store: FileStore) -> None:
    with pytest.raises(ValueError, match="there already"):
        await store.pack(of([("a", b"a"), ("a", b"b")]))


async def test_a_file_that_is_not_stored_is_a_problem_and_nothing_is_kept(store: FileStore, folder: Path) -> None:
    with pytest.raises(FileNotStored):
        await store.pack(of([("a", b"a"), ("b", UNKNOWN)]))
    assert [found for found in folder.rglob("*") if found.is_file()] == []


async def test_as_many_entries_are_packed_as_are_unpacked_and_no_more(store: FileStore) -> None:
    made = await store.pack(of((str(number), b"") for number in range(5)))
    assert len([entry async for entry in store.unpack(made.sha256)]) == 5

    with pytest.raises(ArchiveTooLarge) as refused:
        await store.pack(of((str(number), b"") for number in range(6)))
    assert (refused.value.document()["max_entries"], refused.value.document()["max_bytes"]) == (5, 1_500_000)


async def test_as_many_bytes_are_packed_as_are_unpacked_and_no_more(store: FileStore) -> None:
    made = await store.pack(of([("a", bytes(750_000)), ("b", bytes(750_000))]))
    assert len([entry async for entry in store.unpack(made.sha256)]) == 2

    with pytest.raises(ArchiveTooLarge):
        await store.pack(of([("a", bytes(750_000)), ("b", bytes(750_001))]))


async def test_an_archive_may_be_larger_than_what_is_sent(store: FileStore) -> None:
    image = await store.add(sent(noise()))
    text = Random(2).randbytes(500_000)

    made = await store.pack(of([("a.png", image.sha256), ("b", text)]))

    assert made.size > LIMITS.max_file_bytes
    assert await store.peek(made.sha256, "b") == text


async def test_an_archive_is_made_in_pieces() -> None:
    pieces = [
        len(piece)
        async for piece in packed(
            of([("a", Random(1).randbytes(1_500_000))]), opened=lambda _: BytesIO(), limits=LIMITS
        )
    ]

    assert len(pieces) > 4
    assert max(pieces) <= 2 * BLOCK_BYTES


async def test_one_entry_is_read_by_its_path_of_whatever_kind(store: FileStore) -> None:
    made = await store.pack(of([("a/b.json", b"[1]"), ("b.json", b"[2]"), ("c.svg", SVG)]))

    assert await store.peek(made.sha256, "b.json") == b"[2]"
    assert await store.peek(made.sha256, "c.svg") == SVG
    assert await store.peek(made.sha256, "json") is None


async def test_an_entry_that_is_refused_is_not_read(store: FileStore) -> None:
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        archive.writestr("../a", b"a")
        archive.writestr("large", bytes(1_000_001))
        archive.writestr("b", b"damage", ZIP_STORED)
    file = await store.add(sent(written.getvalue().replace(b"damage", b"domage")))

    for path in ("../a", "large", "b"):
        assert await store.peek(file.sha256, path) is None


async def test_only_an_archive_has_entries(store: FileStore) -> None:
    svg = await store.add(sent(SVG))

    with pytest.raises(ArchiveRefused):
        await store.peek(svg.sha256, "a")
    with pytest.raises(FileNotStored):
        await store.peek(UNKNOWN, "a")
