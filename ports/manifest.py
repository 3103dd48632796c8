"""The manifest of an exported kit: what its archive's paths cannot say, to be read when it is imported again."""

import re
from collections import Counter
from dataclasses import dataclass, field
from posixpath import splitext
from typing import Literal

from ports.files import Entry, FileStore
from ports.library import Name
from ports.serializer import Serializer

MANIFEST = "manifest.json"
UNSORTED = "Unsorted"
UNSAFE = re.compile(r'[\\/:*?"<>|]')
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?|__macosx|\.ds_store|thumbs\.db|", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """An asset: where its file lies in the archive, its own name and section, which need not be safe as paths."""

    path: str
    section: Name
    name: Name
    sha256: str = ""
    tags: list[Name] = field(default_factory=list[Name])


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A kit's name, its sections in their order, also the empty ones, and its assets."""

    format: Literal["actionbus-kit-1"]
    kit: str
    sections: list[Name]
    assets: list[Placed]


class Places:
    """What each entry of an archive stands for, by its manifest where that names it, else by its path.

    `sections` are those of the manifest in their order, `tags` all of its tags.
    """

    def __init__(self, manifest: Manifest | None) -> None:
        self._known = manifest is not None
        self._assets = {asset.path: asset for asset in manifest.assets} if manifest else {}
        self.sections = manifest.sections if manifest else []
        self.tags = {tag for asset in self._assets.values() for tag in asset.tags}

    def of(self, entry: Entry) -> Placed | None:
        """Return it; None for the manifest itself."""
        path = "/".join((*entry.folders, entry.name))
        if path == MANIFEST and self._known:
            return None
        by_path = Placed(path=path, section="/".join(entry.folders) or UNSORTED, name=entry.name)
        return self._assets.get(path, by_path)


async def places_in(archive: str, *, files: FileStore, serializer: Serializer) -> Places:
    """Return what the entries of an archive stand for. What is no manifest of ours is a file like any other.

    Raise `FileNotStored` or `ArchiveRefused`.
    """
    text = await files.peek(archive, MANIFEST)
    try:
        return Places(None if text is None else serializer.load(Manifest, text))
    except ValueError:
        return Places(None)


class Paths:
    """Names made safe as paths, for any system to unpack: none is given twice, whether its letters are small or not."""

    def __init__(self, *given: str) -> None:
        self._given = {name.casefold() for name in given}
        self._clashes: Counter[str] = Counter()

    def named(self, name: str, *, folder: str = "") -> str:
        """Return a path that is like `name`, for a folder or, in a folder, for a file."""
        safe = UNSAFE.sub("_", name).rstrip(". ")
        stem, ending = splitext(f"{folder}/_{safe}" if RESERVED.fullmatch(safe) else f"{folder}/{safe}")
        path = wanted = (stem + ending).removeprefix("/")
        while path.casefold() in self._given:
            self._clashes[wanted] += 1
            path = f"{stem} ({self._clashes[wanted] + 1}){ending}".removeprefix("/")
        self._given.add(path.casefold())
        return path
