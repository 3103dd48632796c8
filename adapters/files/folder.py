"""Files in a folder, each under the SHA-256 of its content: `<folder>/<its first two digits>/<the whole of it>`."""

import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import aclosing, closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from adapters.files.archive import content_of, entries_of
from adapters.files.content import BLOCK_BYTES, FileLimits, blocks, media_type_of
from adapters.files.packing import packed
from adapters.files.threads import in_thread
from ports.files import Entry, File, FileNotStored, PackedFile

INCOMING = "incoming"


class FolderFileStore:
    """A file appears under its name whole and on the disk, or not at all, however many processes write it at once."""

    def __init__(self, folder: Path, limits: FileLimits) -> None:
        self._folder = folder
        self._limits = limits

    async def add(self, chunks: AsyncIterator[bytes]) -> File:
        """See `FileStore`."""
        return await self._keep(blocks(chunks, limits=self._limits))

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """See `FileStore`."""
        with closing(self._blocks(sha256)) as stored:
            while block := await in_thread(next, stored, b""):
                yield block

    def unpack(self, sha256: str) -> AsyncIterator[Entry]:
        """See `FileStore`."""
        return entries_of(lambda: self._open(sha256), keep=self._keep_all, limits=self._limits)

    async def peek(self, sha256: str, path: str) -> bytes | None:
        """See `FileStore`."""
        return await in_thread(content_of, lambda: self._open(sha256), path, limits=self._limits)

    async def pack(self, entries: AsyncIterator[PackedFile]) -> File:
        """See `FileStore`."""
        return await self._keep(packed(entries, opened=self._open, limits=self._limits))

    async def _keep(self, content: AsyncGenerator[bytes, None]) -> File:
        draft = _Draft(self._folder)
        try:
            async with aclosing(content):
                async for block in content:
                    await in_thread(draft.write, block)
            return await in_thread(self._kept, draft)
        finally:
            await in_thread(draft.discard)

    def _open(self, sha256: str) -> BinaryIO:
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise FileNotStored(sha256=sha256)
        try:
            return (self._folder / sha256[:2] / sha256).open("rb")
        except FileNotFoundError:
            raise FileNotStored(sha256=sha256) from None

    def _blocks(self, sha256: str) -> Generator[bytes, None, None]:
        with self._open(sha256) as file:
            while block := file.read(BLOCK_BYTES):
                yield block

    def _kept(self, draft: "_Draft") -> File:
        media_type = draft.media_type(limits=self._limits)
        _sync_folders({self._folder, draft.place()})
        return File(sha256=draft.sha256, size=draft.size, media_type=media_type)

    def _keep_all(self, contents: dict[str, bytes]) -> None:
        # The names of a batch reach the disk together: a folder takes many of them with one fsync.
        touched = {self._folder}
        for content in contents.values():
            draft = _Draft(self._folder)
            try:
                draft.write(content)
                touched.add(draft.place())
            finally:
                draft.discard()
        _sync_folders(touched)


class _Draft:
    """A file that is being written, under a name of its own in the same file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / INCOMING / uuid4().hex
        self._file: BinaryIO | None = None
        self._digest = sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, block: bytes) -> None:
        self._digest.update(block)
        self.size += len(block)
        self._opened().write(block)

    def media_type(self, *, limits: FileLimits) -> str:
        return media_type_of(self._opened(), limits=limits)

    def place(self) -> Path:
        """Give the file its final name, its bytes on the disk first, and return the folder that now holds it."""
        file = self._opened()
        file.flush()
        os.fsync(file.fileno())
        folder = _made(self._folder / self.sha256[:2])
        self._path.replace(folder / self.sha256)
        return folder

    def discard(self) -> None:
        """Close the file, and remove it unless it has its final name."""
        if self._file:
            self._path.unlink(missing_ok=True)
            self._file.close()

    def _opened(self) -> BinaryIO:
        if self._file is None:
            _made(self._path.parent)
            self._file = open(self._path, "x+b", opener=_private)  # noqa: SIM115 - closed by discard
        return self._file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _made(folder: Path) -> Path:
    if not folder.is_dir():
        _made(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    return folder


def _sync_folders(folders: set[Path]) -> None:
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
