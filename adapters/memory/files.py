"""Files in memory."""

import hashlib
from collections.abc import AsyncIterator
from io import BytesIO

from adapters.files.archive import entries_of
from adapters.files.content import FileLimits, blocks, media_type_of
from adapters.files.threads import in_thread
from ports.files import Entry, File, FileNotStored


class MemoryFileStore:
    """Files for as long as the process lives, under the same limits and refusals as in a folder."""

    def __init__(self, limits: FileLimits) -> None:
        self._limits = limits
        self._contents: dict[str, bytes] = {}

    async def add(self, chunks: AsyncIterator[bytes]) -> File:
        """See `FileStore`."""
        content = b"".join([block async for block in blocks(chunks, limits=self._limits)])
        media_type = await in_thread(media_type_of, BytesIO(content), limits=self._limits)
        sha256 = hashlib.sha256(content).hexdigest()
        self._contents[sha256] = content
        return File(sha256=sha256, size=len(content), media_type=media_type)

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """See `FileStore`."""
        yield self._stored(sha256)

    def unpack(self, sha256: str) -> AsyncIterator[Entry]:
        """See `FileStore`."""
        return entries_of(lambda: BytesIO(self._stored(sha256)), keep=self._contents.update, limits=self._limits)

    def _stored(self, sha256: str) -> bytes:
        try:
            return self._contents[sha256]
        except KeyError:
            raise FileNotStored(sha256=sha256) from None
