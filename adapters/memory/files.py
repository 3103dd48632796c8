"""Files in memory."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from types import MappingProxyType
from typing import BinaryIO

from adapters.files.archive import content_of, entries_of
from adapters.files.content import FileLimits, blocks, media_type_of
from adapters.files.packing import packed
from adapters.files.threads import in_thread
from ports.files import Entry, File, FileNotStored, PackedFile


class MemoryFileStore:
    """Files for as long as the process lives, under the same limits and refusals as in a folder.

    Those of `present` are there from the beginning, under the names that they have there. `touched` says when each was
    added or touched last.
    """

    def __init__(self, limits: FileLimits, *, present: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self._limits = limits
        self._contents: dict[str, bytes] = {}
        self.touched: dict[str, datetime] = {}
        self._keep_all(present)

    async def add(self, chunks: AsyncIterator[bytes]) -> File:
        """See `FileStore`."""
        return await self._keep(blocks(chunks, limits=self._limits))

    async def touch(self, sha256: str) -> None:
        """See `FileStore`."""
        self._stored(sha256)
        self.touched[sha256] = datetime.now(UTC)

    async def stored(self, *, before: datetime, limit: int) -> AsyncIterator[list[str]]:
        """See `FileDisposal`."""
        old = [sha256 for sha256, at in self.touched.items() if at < before]
        for start in range(0, len(old), limit):
            yield old[start : start + limit]

    async def discard(self, sha256: str, *, before: datetime) -> bool:
        """See `FileDisposal`."""
        if sha256 not in self.touched or self.touched[sha256] >= before:
            return False
        del self.touched[sha256], self._contents[sha256]
        return True

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """See `FileStore`."""
        yield self._stored(sha256)

    def unpack(self, sha256: str) -> AsyncIterator[Entry]:
        """See `FileStore`."""
        return entries_of(lambda: self._open(sha256), keep=self._keep_all, limits=self._limits)

    async def peek(self, sha256: str, path: str) -> bytes | None:
        """See `FileStore`."""
        return await in_thread(content_of, lambda: self._open(sha256), path, limits=self._limits)

    async def pack(self, entries: AsyncIterator[PackedFile]) -> File:
        """See `FileStore`."""
        return await self._keep(packed(entries, opened=self._open, limits=self._limits))

    async def _keep(self, chunks: AsyncIterator[bytes]) -> File:
        content = b"".join([chunk async for chunk in chunks])
        media_type = await in_thread(media_type_of, BytesIO(content), limits=self._limits)
        sha256 = hashlib.sha256(content).hexdigest()
        self._keep_all({sha256: content})
        return File(sha256=sha256, size=len(content), media_type=media_type)

    def _keep_all(self, contents: Mapping[str, bytes]) -> None:
        self._contents.update(contents)
        self.touched.update(dict.fromkeys(contents, datetime.now(UTC)))

    def _open(self, sha256: str) -> BinaryIO:
        return BytesIO(self._stored(sha256))

    def _stored(self, sha256: str) -> bytes:
        try:
            return self._contents[sha256]
        except KeyError:
            raise FileNotStored(sha256=sha256) from None
