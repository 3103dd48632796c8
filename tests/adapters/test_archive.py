"""ZIP archives that may be hostile: refused in part or as a whole, and never with another exception."""

import asyncio
import random
import stat
import struct
import threading
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from io import BytesIO
from time import process_time
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import pytest

from adapters.files.archive import entries_of
from adapters.files.content import FileLimits
from ports.files import ArchiveRefused, Entry

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
LIMITS = FileLimits(max_file_bytes=100_000, max_svg_bytes=1000, max_entries=50, max_unpacked_bytes=1_000_000)


def zipped(*members: tuple[str | ZipInfo, bytes], method: int = ZIP_DEFLATED) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def renamed(archive: bytes, name: str, other: bytes) -> bytes:
    assert len(name.encode()) == len(other)
    return archive.replace(name.encode(), other)


async def unpacked(archive: bytes, limits: FileLimits = LIMITS) -> list[Entry]:
    return [entry async for entry in entries(archive, limits)]


def entries(archive: bytes, limits: FileLimits = LIMITS) -> AsyncIterator[Entry]:
    return entries_of(lambda: BytesIO(archive), keep=lambda _: None, limits=limits)


async def refusal(archive: bytes) -> str | None:
    (entry,) = await unpacked(archive)
    assert (entry.file is None) == bool(entry.refused)
    return entry.refused


async def why(archive: bytes, limits: FileLimits = LIMITS) -> str:
    with pytest.raises(ArchiveRefused) as refused:
        await unpacked(archive, limits)
    return str(refused.value.document()["reason"])


async def test_folders_and_what_systems_leave_behind_are_left_out() -> None:
    left = ("a/", "__MACOSX/a/._b.svg", ".DS_Store", "a/.DS_Store", "a/Thumbs.db")
    (entry,) = await unpacked(zipped(*((name, b"") for name in left), ("a/b c/d.e.svg", SVG)))
    assert (entry.folders, entry.name, entry.refused) == (("a", "b c"), "d.e.svg", None)
    assert entry.file
    assert (entry.file.size, entry.file.media_type) == (len(SVG), "image/svg+xml")


async def test_an_empty_archive_has_no_entries() -> None:
    assert await unpacked(zipped()) == []


@pytest.mark.parametrize(
    "name",
    ["/a.svg", "../a.svg", "a/../../b.svg", "a//b.svg", "./a.svg", "a/./b.svg", "C:a.svg", "c:/a.svg", "..", "a\nb.svg",
     "a\x7f.svg", "a\u2028b.svg", "a\u0085.svg"],
)  # fmt: skip
async def test_an_unsafe_path_is_refused(name: str) -> None:
    assert await refusal(zipped((name, SVG))) == "unsafe_path"


@pytest.mark.parametrize("other", [b"..\\x.svg", b"\\\\ab.svg", b"aa\0b.svg", b"aaa/\0svg"])
async def test_an_unsafe_path_that_python_would_mend_is_refused(other: bytes) -> None:
    archive = renamed(zipped(("aaaa.svg", SVG)), "aaaa.svg", other)
    assert await refusal(archive) == "unsafe_path"


async def test_an_unsafe_path_is_named_in_printable_characters() -> None:
    (entry,) = await unpacked(zipped(("../\x1b[2J" + "a" * 1000, SVG)))
    assert entry.folders == ()
    assert entry.name == ("../\ufffd[2J" + "a" * 1000)[:200]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK, stat.S_IFDIR])
async def test_what_is_no_ordinary_file_is_refused(kind: int) -> None:
    member = ZipInfo("a.svg")
    member.external_attr = (kind | 0o777) << 16
    assert await refusal(zipped((member, SVG))) == "symlink"


async def test_an_encrypted_entry_is_refused() -> None:
    archive = bytearray(zipped(("a.svg", SVG)))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(signature) + flags] |= 1
    assert await refusal(bytes(archive)) == "encrypted"


async def test_a_wrong_checksum_is_damage() -> None:
    assert await refusal(zipped(("a.svg", SVG), method=ZIP_STORED).replace(b"2000/svg", b"2001/svg")) == "damaged"


@pytest.mark.parametrize("method", [ZIP_BZIP2, ZIP_LZMA])
async def test_a_rare_compression_is_not_tried(method: int) -> None:
    assert await refusal(zipped(("a.svg", SVG), method=method)) == "damaged"


@pytest.mark.parametrize("content", [b"", b"text", b"<html><p>hello</p></html>", zipped(("a.svg", SVG))])
async def test_what_is_no_image_is_refused_whatever_its_name(content: bytes) -> None:
    assert await refusal(zipped(("a.svg", content))) == "not_an_image"


async def test_an_unsafe_svg_is_refused() -> None:
    assert await refusal(zipped(("a.png", SVG.replace(b"/>", b" onload=''/>")))) == "unsafe_svg"


async def test_a_large_svg_and_a_large_file_are_refused() -> None:
    assert await refusal(zipped(("a.svg", SVG + b" " * 1000))) == "too_large"
    assert await refusal(zipped(("a.png", b" " * 100_001))) == "too_large"


async def test_what_is_no_archive_is_refused_as_a_whole() -> None:
    archive = zipped(("a.svg", SVG))
    assert await why(SVG) == "The file is not a ZIP archive."
    assert await why(b"GIF89a" + archive) == "The file is not a ZIP archive."
    assert await why(archive[:-30]) == "The archive is damaged."
    assert await why(b"PK\x03\x04") == "The archive is damaged."


async def test_too_many_entries_refuse_the_archive() -> None:
    assert len(await unpacked(zipped(*((f"{n}.svg", SVG) for n in range(50))))) == 50
    assert await why(zipped(*((f"{n}.svg", SVG) for n in range(51)))) == "The archive holds more than 50 entries."


async def test_too_many_bytes_refuse_the_archive_also_when_no_entry_is_kept() -> None:
    reason = "The archive unpacks to more than 1000000 bytes."
    assert await why(zipped(*((f"{n}.svg", b" " * 90_000) for n in range(12)))) == reason
    assert await why(zipped(*((f"{n}.svg", b" " * 200_000) for n in range(12)))) == reason
    checksum = struct.pack("<L", zlib.crc32(b" " * 90_000))
    damaged = zipped(*((f"{n}.svg", b" " * 90_000) for n in range(15))).replace(checksum, bytes(4))
    assert await why(damaged) == reason


async def test_a_header_that_promises_little_hides_nothing() -> None:
    archive = zipped(("a.png", b" " * 100_001))
    assert await refusal(archive.replace(struct.pack("<L", 100_001), struct.pack("<L", 10))) == "damaged"


async def test_overlapping_entries_are_refused_or_counted_each() -> None:
    once = zipped(("a.svg", b" " * 90_000))
    start = once.index(b"PK\x01\x02")
    end = once.index(b"PK\x05\x06")
    directory = once[start:end] * 20
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 20, 20, len(directory), start, 0)
    began = process_time()
    with suppress(ArchiveRefused):  # newer versions of zipfile refuse such entries themselves, all but one
        found = await unpacked(once[:start] + directory + tail)
        assert [entry.refused for entry in found].count("damaged") == 19
    assert process_time() - began < 1


async def test_the_event_loop_is_free_while_an_archive_is_read_and_kept() -> None:
    loop_ran = threading.Event()
    waited = []

    def wait() -> None:
        waited.append(loop_ran.wait(timeout=10))
        loop_ran.clear()

    def opened() -> BytesIO:
        wait()
        return BytesIO(zipped(("a.svg", SVG)))

    async def run() -> None:
        while True:
            await asyncio.sleep(0)
            loop_ran.set()

    running = asyncio.create_task(run())
    assert [entry.name async for entry in entries_of(opened, keep=lambda _: wait(), limits=LIMITS)] == ["a.svg"]
    running.cancel()
    assert waited
    assert all(waited)


async def test_no_damage_causes_any_other_exception() -> None:
    source = random.Random(1)  # the same bytes every time
    png = b"\x89PNG\r\n\x1a\n" + source.randbytes(20)
    whole = zipped(("a/b.svg", SVG), ("c.png", png), ("d.gif", b"GIF89a" + bytes(20)), ("é.jpg", b"\xff\xd8\xff\xe0"))
    outcomes = set()
    for _ in range(4000):
        damaged = bytearray(whole)
        for _ in range(source.choice((1, 1, 2, 8))):
            damaged[source.randrange(len(damaged))] = source.choice((0, 1, 0x7F, 0xFF, source.randrange(256)))
        if source.random() < 0.1:
            del damaged[source.randrange(len(damaged)) :]
        try:
            outcomes |= {entry.refused for entry in await unpacked(bytes(damaged))}
        except ArchiveRefused as refused:
            outcomes.add(refused.code)
    assert outcomes >= {None, "archive_refused", "damaged", "encrypted", "symlink", "unsafe_path", "not_an_image"}
