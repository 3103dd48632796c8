"""Files in a folder, each under the SHA-256 of its content: `<folder>/<its first two digits>/<the whole of it>`."""

import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing, closing, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from adapters.files.archive import content_of, entries_of
from adapters.files.content import BLOCK_BYTES, FileLimits, blocks
from adapters.files.drafts import Draft, kept_apart, sync_folders
from adapters.files.packing import packed
from adapters.files.threads import in_thread
from ports.files import Entry, File, FileNotStored, PackedFile

DIGEST = re.compile("[0-9a-f]{64}")


class FolderFileStore:
    """A file appears under its name whole and on the disk, or not at all, however many processes write it at once."""

    def __init__(self, folder: Path, limits: FileLimits) -> None:
        self._folder = folder
        self._limits = limits

    async def add(self, chunks: AsyncIterator[bytes]) -> File:
        """See `FileStore`."""
        return await self._keep(blocks(chunks, limits=self._limits))

    async def touch(self, sha256: str) -> None:
        """See `FileStore`."""
        await in_thread(self._touch, sha256)

    async def stored(self, *, before: datetime, limit: int) -> AsyncIterator[list[str]]:
        """See `FileDisposal`."""
        names = self._older_than(before)
        while batch := await in_thread(lambda: list(islice(names, limit))):
            yield batch

    async def discard(self, sha256: str, *, before: datetime) -> bool:
        """See `FileDisposal`."""
        return await in_thread(self._discard, sha256, before)

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
        draft = Draft(self._folder)
        try:
            async with aclosing(content):
                async for block in content:
                    await in_thread(draft.write, block)
            return await in_thread(self._kept, draft)
        finally:
            await in_thread(draft.discard)

    def _path(self, sha256: str) -> Path:
        if not DIGEST.fullmatch(sha256):
            raise FileNotStored(sha256=sha256)
        return self._folder / sha256[:2] / sha256

    def _open(self, sha256: str) -> BinaryIO:
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise FileNotStored(sha256=sha256) from None

    def _touch(self, sha256: str) -> None:
        with kept_apart(self._folder, alone=False):
            try:
                os.utime(self._path(sha256))
            except FileNotFoundError:
                raise FileNotStored(sha256=sha256) from None

    def _older_than(self, before: datetime) -> Iterator[str]:
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):
                if DIGEST.fullmatch(path.name) and path.stat().st_mtime < before.timestamp():
                    yield path.name

    def _discard(self, sha256: str, before: datetime) -> bool:
        path = self._path(sha256)
        with kept_apart(self._folder, alone=True), suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
                return True
        return False

    def _blocks(self, sha256: str) -> Generator[bytes, None, None]:
        with self._open(sha256) as file:
            while block := file.read(BLOCK_BYTES):
                yield block

    def _kept(self, draft: Draft) -> File:
        media_type = draft.media_type(limits=self._limits)
        sync_folders({self._folder, draft.place()})
        return File(sha256=draft.sha256, size=draft.size, media_type=media_type)

    def _keep_all(self, contents: dict[str, bytes]) -> None:
        # The names of a batch reach the disk together: a folder takes many of them with one fsync.
        touched = {self._folder}
        for content in contents.values():
            draft = Draft(self._folder)
            try:
                draft.write(content)
                touched.add(draft.place())
            finally:
                draft.discard()
        sync_folders(touched)
