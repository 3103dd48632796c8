"""The file store: bytes, kept under the SHA-256 of their content."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import Field

from ports.problem import Invalid, NotFound

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="The SHA-256 of a file's content, in hexadecimal.")]


@dataclass(frozen=True, kw_only=True)
class File:
    """A file in the store: `size` in bytes, `media_type` as its bytes show it and not its name."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file of an archive: the names of the folders that hold it, its own name, and the file or why it was refused.

    `total` is how many entries the archive has.
    `refused` is one of `encrypted`, `unsafe_path`, `symlink`, `too_large`, `damaged`, `not_an_image`, `unsafe_svg`.
    An unsafe path is given whole as the name, cut short and made printable; `symlink` stands for all special files.
    """

    folders: tuple[str, ...]
    name: str
    total: int = 1
    file: File | None = None
    refused: str | None = None


@dataclass(frozen=True, kw_only=True)
class PackedFile:
    """A file for an archive: the path that it has there, and its content, or the SHA-256 of a stored file."""

    path: str
    content: bytes | str


class FileNotStored(NotFound):
    """There is no such file, or you may not see it.

    Upload it first: `POST /files`.
    """

    sha256: str


class FileTooLarge(Invalid):
    """The file is larger than the service takes."""

    status = 413
    limit: int


class FileRefused(Invalid):
    """The file is of no kind that the service keeps, or is not safe to keep.

    SVG, PNG, JPEG, WebP and GIF are kept, and ZIP archives of them; an SVG may carry no script, event handler,
    external reference or entity.
    """

    reason: str


class ArchiveRefused(Invalid):
    """The archive cannot be unpacked."""

    reason: str


class ArchiveTooLarge(Invalid):
    """What is to be packed is more than an archive may hold.

    Pack less at once.
    """

    max_entries: int
    max_bytes: int


class FileStore(Protocol):
    """Files by content: adding the same bytes twice keeps them once. It knows nothing of callers or permissions."""

    async def add(self, chunks: AsyncIterator[bytes]) -> File:
        """Keep the bytes and say what they are. Raise `FileTooLarge` or `FileRefused`, and then keep nothing."""
        ...

    async def touch(self, sha256: str) -> None:
        """Count the file as new, so that it is not discarded before it is put to use. Raise `FileNotStored`."""
        ...

    def read(self, sha256: str) -> AsyncIterator[bytes]:
        """Yield the bytes in chunks. Raise `FileNotStored` at the first."""
        ...

    def unpack(self, sha256: str) -> AsyncIterator[Entry]:
        """Keep each image of a ZIP archive and yield its entry, folders left out, in the archive's order.

        What is refused is yielded with its reason. Raise `FileNotStored`, or `ArchiveRefused` for what is not a ZIP
        archive or holds more entries or more bytes, unpacked, than the limits allow; what was read is counted,
        never what a header promises.
        """
        ...

    async def peek(self, sha256: str, path: str) -> bytes | None:
        """Return what a ZIP archive holds under `path`, of whatever kind; None if that is nothing, or is refused.

        Raise `FileNotStored` or `ArchiveRefused`.
        """
        ...

    async def pack(self, entries: AsyncIterator[PackedFile]) -> File:
        """Keep a ZIP archive made of these in their order, which `unpack` takes; the same ones make the same bytes.

        Raise `FileNotStored`, `ArchiveTooLarge`, or ValueError for a path that is not safe or comes twice.
        """
        ...


class FileDisposal(Protocol):
    """The way out of the file store, for who looks after it: what is removed is gone, whatever becomes of the rest."""

    def stored(self, *, before: datetime, limit: int) -> AsyncIterator[list[str]]:
        """Yield the SHA-256 of the files that were added or touched before that time only, so many at once."""
        ...

    async def discard(self, sha256: str, *, before: datetime) -> bool:
        """Remove a file unless it was added or touched since then, also just now; return whether it was removed."""
        ...
