"""Writing a file into a folder of files: it appears under its name whole and on the disk, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_SH, flock
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from adapters.files.content import FileLimits, media_type_of

INCOMING, LOCK = "incoming", "lock"


class Draft:
    """A file that is being written, under a name of its own in the same file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / INCOMING / uuid4().hex
        self._file: BinaryIO | None = None
        self._digest = sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The digest of what was written so far, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, block: bytes) -> None:
        """Go on with these bytes."""
        self._digest.update(block)
        self.size += len(block)
        self._opened().write(block)

    def media_type(self, *, limits: FileLimits) -> str:
        """Return what the file is. Raise `FileRefused` or `FileTooLarge`."""
        return media_type_of(self._opened(), limits=limits)

    def place(self) -> Path:
        """Give the file its final name, its bytes on the disk first, and return the folder that now holds it."""
        file = self._opened()
        file.flush()
        os.fsync(file.fileno())
        folder = _made(self._folder / self.sha256[:2])
        with kept_apart(self._folder, alone=False):
            os.utime(file.fileno())  # its age is counted from now, and not from its first byte
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


@contextmanager
def kept_apart(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold the folder's lock, which lets many who add or touch be there at once, or one who removes, `alone`.

    It is the kernel's, so a process that was killed holds none.
    """
    _made(folder)
    with open(folder / LOCK, "ab", opener=_private) as lock:
        flock(lock, LOCK_EX if alone else LOCK_SH)
        yield


def sync_folders(folders: set[Path]) -> None:
    """Have the names in these folders on the disk."""
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _made(folder: Path) -> Path:
    if not folder.is_dir():
        _made(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    return folder
