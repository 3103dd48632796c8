"""What every file store promises, and what the one in a folder promises besides."""

import asyncio
import importlib.util
import stat
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from adapters.files.content import FileLimits
from adapters.files.drafts import LOCK
from adapters.files.folder import FolderFileStore
from adapters.memory.files import MemoryFileStore
from ports.files import ArchiveRefused, FileNotStored, FileRefused, FileStore, FileTooLarge

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
LIMITS = FileLimits(max_file_bytes=2_000_000, max_svg_bytes=10_000, max_image_pixels=10_000)
UNKNOWN = "0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "service" / "files"


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, folder: Path) -> FileStore:
    return FolderFileStore(folder, LIMITS) if request.param == "folder" else MemoryFileStore(LIMITS)


def image(kind: str, size: tuple[int, int] = (30, 20)) -> bytes:
    written = BytesIO()
    Image.effect_noise(size, 50).save(written, kind)
    return written.getvalue()


def png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))

    header = struct.pack(">2L5B", width, height, 1, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def zipped(*members: tuple[str, bytes]) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def heroicons() -> Path:
    found = importlib.util.find_spec("heroicons")
    assert found
    assert found.origin
    return Path(found.origin).with_name("heroicons.zip")


async def sent(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


async def read(store: FileStore, sha256: str) -> bytes:
    return b"".join([chunk async for chunk in store.read(sha256)])


def kept_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != LOCK]


KINDS = {
    "image/svg+xml": SVG,
    "image/png": image("PNG"),
    "image/jpeg": image("JPEG"),
    "image/webp": image("WEBP"),
    "image/gif": image("GIF"),
    "application/zip": zipped(("a.svg", SVG)),
}
REFUSED = {
    "nothing": b"",
    "text": b"hello",
    "HTML": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "another image": b"BM" + bytes(100),
    "a program": b"\x7fELF" + bytes(100),
    "a packed SVG": zlib.compress(SVG, wbits=31),
    "an unsafe SVG": SVG.replace(b"/>", b" onload='x'/>"),
    "half a PNG": image("PNG")[:-100],
    "a changed PNG": image("PNG").replace(b"IDAT", b"IDAU"),
    "the start of a JPEG": b"\xff\xd8\xff\xe0" + bytes(100),
    "the start of a WebP": image("WEBP")[:40],
    "the start of a GIF": b"GIF89a" + bytes(3),
    "many pixels": image("PNG", (200, 200)),
    "pixels to warn about": png_of(10_000, 10_000),
    "pixels to explode": png_of(60_000, 60_000),
    "half a ZIP": zipped(("a.svg", SVG))[:-10],
}


@pytest.mark.parametrize("media_type", KINDS)
async def test_a_file_comes_back_byte_for_byte_and_is_known_by_its_bytes(store: FileStore, media_type: str) -> None:
    content = KINDS[media_type]
    file = await store.add(sent([content[:10], b"", content[10:]]))
    assert (file.sha256, file.size, file.media_type) == (sha256(content).hexdigest(), len(content), media_type)
    assert await read(store, file.sha256) == content


async def test_the_same_bytes_are_kept_once(store: FileStore, folder: Path) -> None:
    first, *others = await asyncio.gather(*(store.add(sent([SVG[:n], SVG[n:]])) for n in range(20)))
    assert others == [first] * 19
    assert await read(store, first.sha256) == SVG
    assert len(kept_in(folder)) == isinstance(store, FolderFileStore)


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
async def test_what_is_refused_is_not_kept(store: FileStore, folder: Path, content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        await store.add(sent([content]))
    reason = refused.value.document()["reason"]
    assert reason.startswith("The ")
    assert reason.endswith(".")
    with pytest.raises(FileNotStored):
        await read(store, sha256(content).hexdigest())
    assert kept_in(folder) == []


async def test_a_large_file_is_refused_before_it_has_all_come(store: FileStore, folder: Path) -> None:
    chunks = iter([image("PNG")] + [bytes(100_000)] * 1000)
    with pytest.raises(FileTooLarge) as refused:
        await store.add(sent(chunks))
    assert refused.value.document()["limit"] == 2_000_000
    assert len(list(chunks)) == 980
    assert kept_in(folder) == []


async def test_a_large_svg_is_too_large(store: FileStore) -> None:
    with pytest.raises(FileTooLarge) as refused:
        await store.add(sent([SVG, b" " * 10_000]))
    assert refused.value.document()["limit"] == 10_000


@pytest.mark.parametrize("name", [UNKNOWN, "", "..", "../" * 22, "/etc/passwd", UNKNOWN + "\n", "A" * 64, "0\0"])
async def test_an_unknown_file_is_a_problem_at_the_first_chunk(store: FileStore, name: str) -> None:
    chunks, entries = store.read(name), store.unpack(name)
    with pytest.raises(FileNotStored):
        await anext(chunks)
    with pytest.raises(FileNotStored):
        await anext(entries)


async def test_a_file_that_is_no_archive_is_not_unpacked(store: FileStore) -> None:
    file = await store.add(sent([SVG]))
    with pytest.raises(ArchiveRefused):
        await anext(store.unpack(file.sha256))


async def test_each_image_of_an_archive_is_kept_and_the_rest_is_named_with_its_reason(store: FileStore) -> None:
    refused = {"../b.svg": "unsafe_path", "c.svg": "unsafe_svg", "application/zip": "not_an_image"}
    others = (("../b.svg", SVG), ("c.svg", REFUSED["an unsafe SVG"]))
    archive = await store.add(sent([zipped(*KINDS.items(), *others)]))
    kept = {}
    async for entry in store.unpack(archive.sha256):
        path = "/".join([*entry.folders, entry.name])
        assert entry.refused == refused.get(path)
        if entry.file:
            assert entry.file.media_type == path
            kept[path] = await read(store, entry.file.sha256)
    assert kept == {kind: content for kind, content in KINDS.items() if kind != "application/zip"}


async def test_every_real_icon_comes_back_byte_for_byte(store: FileStore) -> None:
    content = heroicons().read_bytes()
    archive = await store.add(sent(content[n : n + 10_000] for n in range(0, len(content), 10_000)))
    with ZipFile(heroicons()) as source:
        names = iter(source.namelist())
        async for entry in store.unpack(archive.sha256):
            name = next(names)
            assert name == "/".join([*entry.folders, entry.name])
            assert entry.file
            assert await read(store, entry.file.sha256) == source.read(name)
        assert list(names) == []


async def test_an_archive_may_be_left_half_read(store: FileStore) -> None:
    archive = await store.add(sent([heroicons().read_bytes()]))
    async for entry in store.unpack(archive.sha256):
        assert entry.file
        break


async def test_only_the_service_may_look_into_the_folder(folder: Path) -> None:
    store = FolderFileStore(folder, LIMITS)
    file = await store.add(sent([SVG]))
    path = folder / file.sha256[:2] / file.sha256
    assert kept_in(folder) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(parent.stat().st_mode) for parent in (path.parent, folder, folder.parent)} == {0o700}


async def test_another_store_on_the_same_folder_sees_the_file(folder: Path) -> None:
    file = await FolderFileStore(folder, LIMITS).add(sent([SVG]))
    assert await read(FolderFileStore(folder, LIMITS), file.sha256) == SVG


async def test_a_large_file_is_read_in_pieces(folder: Path) -> None:
    store = FolderFileStore(folder, LIMITS)
    file = await store.add(sent([image("PNG"), bytes(1_900_000)]))
    pieces = [len(piece) async for piece in store.read(file.sha256)]
    assert sum(pieces) == file.size
    assert max(pieces) <= 256 * 1024


async def broken(when: Callable[[], object]) -> AsyncIterator[bytes]:
    yield image("PNG") + bytes(500_000)
    when()
    yield bytes(500_000)


async def test_a_sender_that_breaks_off_leaves_nothing(folder: Path) -> None:
    def fail() -> None:
        assert len(kept_in(folder)) == 1
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await FolderFileStore(folder, LIMITS).add(broken(fail))
    assert kept_in(folder) == []


async def test_a_cancelled_sender_leaves_nothing(folder: Path) -> None:
    def cancel() -> None:
        adding.cancel()

    adding = asyncio.create_task(FolderFileStore(folder, LIMITS).add(broken(cancel)))
    with pytest.raises(asyncio.CancelledError):
        await adding
    assert kept_in(folder) == []


@pytest.fixture
def obstacle(folder: Path) -> Path:
    path = folder / sha256(SVG).hexdigest()[:2]
    path.parent.mkdir(parents=True)
    path.write_text("in the way")
    return path


async def test_a_folder_that_cannot_be_written_leaves_nothing(folder: Path, obstacle: Path) -> None:
    with pytest.raises(NotADirectoryError):
        await FolderFileStore(folder, LIMITS).add(sent([SVG]))
    assert kept_in(folder) == [obstacle]
