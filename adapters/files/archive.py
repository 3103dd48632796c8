"""The images of a ZIP archive, read from bytes that may be hostile."""

import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from adapters.files.content import BLOCK_BYTES, HEAD_BYTES, SVG, ZIP, FileLimits, looks_like, media_type_of
from adapters.files.threads import in_thread
from ports.files import ArchiveRefused, Entry, File, FileRefused, FileTooLarge

BATCH_ENTRIES, BATCH_BYTES = 256, 4 * 2**20
STEP_BYTES = 16 * 1024
DIRECTORY_SIGNATURE = b"PK\x01\x02"
ENCRYPTED = 0x1
LEFT_OUT = re.compile(r"__MACOSX/.*|(?:.*/)?(?:\.DS_Store|Thumbs\.db)", re.DOTALL)
SHOWN_CHARACTERS = 200

# What zipfile lets through from damaged bytes; io raises OSError or ValueError for a seek before the beginning.
DAMAGE = (
    BadZipFile, EOFError, IndexError, NotImplementedError, OSError, OverflowError, RuntimeError, ValueError,
    struct.error, zlib.error,
)  # fmt: skip


async def entries_of(
    opened: Callable[[], BinaryIO], *, keep: Callable[[dict[str, bytes]], None], limits: FileLimits
) -> AsyncIterator[Entry]:
    """Yield the entries of the ZIP archive that `opened` opens, after `keep` has kept their contents by SHA-256.

    Both are called in a thread. `ArchiveRefused` is raised for what is no archive or exceeds the limits.
    """
    with closing(_entries(opened, limits=limits)) as entries:
        while batch := await in_thread(_batch, entries, keep):
            for entry in batch:
                yield entry


def content_of(opened: Callable[[], BinaryIO], path: str, *, limits: FileLimits) -> bytes | None:
    """Return what the archive holds under `path`, or None. Raise `ArchiveRefused`."""
    with opened() as file, _archive(file, limits=limits) as archive:
        for member in archive.infolist():
            if member.orig_filename == path:
                content, refused = _Unpacking(archive, limits=limits).content(member)
                return None if refused else content
    return None


def is_packable(path: str) -> bool:
    """Whether `entries_of` would yield a file of this path, and not refuse it for that."""
    return not (_is_left_out(path) or _is_unsafe(path))


def _batch(entries: Iterator[tuple[Entry, bytes]], keep: Callable[[dict[str, bytes]], None]) -> list[Entry]:
    batch: list[Entry] = []
    contents: dict[str, bytes] = {}
    size = 0
    for entry, content in entries:
        batch.append(entry)
        if entry.file:
            contents[entry.file.sha256] = content
            size += len(content)
        if len(batch) >= BATCH_ENTRIES or size >= BATCH_BYTES:
            break
    keep(contents)
    return batch


def _entries(opened: Callable[[], BinaryIO], *, limits: FileLimits) -> Generator[tuple[Entry, bytes], None, None]:
    with opened() as file, _archive(file, limits=limits) as archive:
        unpacking = _Unpacking(archive, limits=limits)
        members = [member for member in archive.infolist() if not _is_left_out(member.orig_filename)]
        for member in members:
            content, refused = unpacking.content(member)
            entry = _entry(member.orig_filename, content, refused, limits=limits)
            yield replace(entry, total=len(members)), content


def _archive(file: BinaryIO, *, limits: FileLimits) -> ZipFile:
    if looks_like(file.read(HEAD_BYTES)) != ZIP:
        raise ArchiveRefused(reason="The file is not a ZIP archive.")
    # Counted before zipfile makes an object of every one of them.
    if _signatures(file) > limits.max_entries:
        raise ArchiveRefused(reason=f"The archive holds more than {limits.max_entries} entries.")
    try:
        return ZipFile(file)
    except DAMAGE:
        raise ArchiveRefused(reason="The archive is damaged.") from None


def _signatures(file: BinaryIO) -> int:
    file.seek(0)
    count, end = 0, b""
    while block := file.read(BLOCK_BYTES):
        count += (end + block).count(DIRECTORY_SIGNATURE)
        end = block[1 - len(DIRECTORY_SIGNATURE) :]
    return count


class _Unpacking:
    """One reading of an archive, which counts what it reads: also of what turns out damaged or too large."""

    def __init__(self, archive: ZipFile, *, limits: FileLimits) -> None:
        self._archive = archive
        self._limits = limits
        self._unpacked = 0

    def content(self, member: ZipInfo) -> tuple[bytes, str | None]:
        """Return the member's bytes, or why it is refused before anybody looks at them."""
        if _is_unsafe(member.orig_filename):
            return b"", "unsafe_path"
        if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG}:
            return b"", "symlink"
        if member.flag_bits & ENCRYPTED:
            return b"", "encrypted"
        # The other methods are decompressed by zipfile with no bound on what one step makes.
        if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            return b"", "damaged"
        try:
            return self._read(member)
        except DAMAGE:
            return b"", "damaged"

    def _read(self, member: ZipInfo) -> tuple[bytes, str | None]:
        content = bytearray()
        with self._archive.open(member) as stream:
            # In small steps: the one that finds the damage is not counted.
            while block := stream.read(STEP_BYTES):
                self._unpacked += len(block)
                if self._unpacked > self._limits.max_unpacked_bytes:
                    limit = self._limits.max_unpacked_bytes
                    raise ArchiveRefused(reason=f"The archive unpacks to more than {limit} bytes.")
                content += block
                if len(content) > self._limits.max_file_bytes:
                    return b"", "too_large"
        return bytes(content), None


def _is_left_out(path: str) -> bool:
    return path.endswith("/") or LEFT_OUT.fullmatch(path) is not None


def _is_unsafe(path: str) -> bool:
    parts = path.split("/")
    return (
        "\\" in path
        or re.match("[A-Za-z]:", path) is not None
        or any(part in {"", ".", ".."} for part in parts)
        or any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in path)
    )


def _entry(path: str, content: bytes, refused: str | None, *, limits: FileLimits) -> Entry:
    if refused == "unsafe_path":
        return Entry(folders=(), name=_shown(path), refused=refused)
    *folders, name = path.split("/")
    media_type, refused = (None, refused) if refused else _kind(content, limits=limits)
    file = File(sha256=sha256(content).hexdigest(), size=len(content), media_type=media_type) if media_type else None
    return Entry(folders=tuple(folders), name=name, file=file, refused=refused)


def _shown(path: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in path)[:SHOWN_CHARACTERS]


def _kind(content: bytes, *, limits: FileLimits) -> tuple[str | None, str | None]:
    """Return the media type of an image, or why it is refused."""
    promised = looks_like(content[:HEAD_BYTES])
    if promised in {None, ZIP}:
        return None, "not_an_image"
    try:
        return media_type_of(BytesIO(content), limits=limits), None
    except FileTooLarge:
        return None, "too_large"
    except FileRefused:
        return None, "unsafe_svg" if promised == SVG else "not_an_image"
