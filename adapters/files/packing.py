"""Making ZIP archives of stored files."""

import stat
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import closing
from io import BytesIO
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from adapters.files.archive import is_packable
from adapters.files.content import BLOCK_BYTES, FileLimits
from adapters.files.threads import in_thread
from ports.files import ArchiveTooLarge, PackedFile

UNIX = 3
ORDINARY_FILE = (stat.S_IFREG | 0o644) << 16


async def packed(
    entries: AsyncIterator[PackedFile], *, opened: Callable[[str], BinaryIO], limits: FileLimits
) -> AsyncGenerator[bytes, None]:
    """Yield a ZIP archive of the entries, block by block; `opened` opens a stored file, and is called in a thread."""
    packing = _Packing(opened, limits=limits)
    async for entry in entries:
        with closing(packing.blocks(entry)) as blocks:
            while block := await in_thread(next, blocks, b""):
                yield block
    yield packing.end()


class _Made:
    """Where zipfile writes, and whence it is taken: since it cannot seek here, sizes follow the contents."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __len__(self) -> int:
        return len(self._bytes)

    def write(self, block: bytes, /) -> int:
        self._bytes += block
        return len(block)

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken


class _Packing:
    """One archive in the making, which counts what it is made of."""

    def __init__(self, opened: Callable[[str], BinaryIO], *, limits: FileLimits) -> None:
        self._opened, self._limits = opened, limits
        self._made = _Made()
        self._archive = ZipFile(self._made, "w")
        self._size = 0

    def blocks(self, entry: PackedFile) -> Generator[bytes, None, None]:
        """Add the entry, and yield what is made as soon as it is worth a write."""
        with self._content(entry) as content, self._archive.open(self._member(entry.path), "w") as member:
            while block := content.read(BLOCK_BYTES):
                self._count(len(block))
                member.write(block)
                if len(self._made) >= BLOCK_BYTES:
                    yield self._made.take()

    def end(self) -> bytes:
        """End the archive and return what is left of it."""
        self._archive.close()
        return self._made.take()

    def _content(self, entry: PackedFile) -> BinaryIO:
        return self._opened(entry.content) if isinstance(entry.content, str) else BytesIO(entry.content)

    def _member(self, path: str) -> ZipInfo:
        if not is_packable(path) or path in self._archive.NameToInfo:
            raise ValueError(f"{path!r} is no path for an archive, or is there already.")
        member = ZipInfo(path)  # of 1980, as every time: what tells the present one would differ with it
        member.compress_type, member.create_system, member.external_attr = ZIP_DEFLATED, UNIX, ORDINARY_FILE
        self._count(0)
        return member

    def _count(self, size: int) -> None:
        self._size += size
        limits = self._limits
        if self._size > limits.max_unpacked_bytes or len(self._archive.filelist) >= limits.max_entries:
            raise ArchiveTooLarge(max_entries=limits.max_entries, max_bytes=limits.max_unpacked_bytes)
