"""Files in memory."""

import hashlib
from collections.abc import AsyncIterator
from io import BytesIO
from typing import BinaryIO

from adapters.files.archive import content_of, entries_of
from adapters.files.content import FileLimits, blocks, media_type_of
from adapters.files.packing import packed
from adapters.files.threads import in_thread
from ports.files import Entry, File, FileNotStored, PackedFile


class MemoryFileStore:
    """Files for as long as the process lives, under the same limits and refusals as in a folder."""

    def __init__(self, limits: FileLimits) -> None:
        self._limits = limits
        self._contents: dict[str, bytes] = {}

    async def add(self, chunks: AsyncIterator[bytes]) -> File:
        """See `FileStore`."""
        return await self._keep(blocks(chunks, limits=self._limits))

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """See `FileStore`."""
        yield self._stored(sha256)

    def unpack(self, sha256: str) -> AsyncIterator[Entry]:
        """See `FileStore`."""
        return entries_of(lambda: self._open(sha256), keep=self._contents.update, limits=self._limits)

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
        self._contents[sha256] = content
        return File(sha256=sha256, size=len(content), media_type=media_type)

    def _open(self, sha256: str) -> BinaryIO:
        return BytesIO(self._stored(sha256))

    def _stored(self, sha256: str) -> bytes:
        try:
            return self._contents[sha256]
        except KeyError:
            raise FileNotStored(sha256=sha256) from None
