"""The visual asset library: its entities, and the problems of keeping them."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from ports.entity import Entity
from ports.problem import Conflict, Invalid, NotFound

MAX_NAME = 80
VISIBLE = r"[^\s\x85]"  # U+0085 is a space in some dialects of regular expressions, and is none in JavaScript


def _tidy(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not name or any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in name):
        raise ValueError("a name needs a visible character and may hold no control characters")
    return name


def fitting_name(text: str) -> str | None:
    """Return `text` as a name, or None if it is none."""
    try:
        name = _tidy(text)
    except ValueError:
        return None
    return name if len(name) <= MAX_NAME else None


Name = Annotated[str, Field(max_length=MAX_NAME, pattern=VISIBLE), AfterValidator(_tidy)]
ActorName = Annotated[str, Field(max_length=200, pattern=r"^[\x21-\x7e]+$", description="Who: a token's subject.")]
Visibility = Literal["private", "public"]
Role = Literal["viewer", "editor", "admin", "owner"]


class SpaceNameTaken(Conflict):
    """Another space of the same creator has this name.

    Choose another name.
    """

    name: str


class AlreadyMember(Conflict):
    """This actor is a member of the space already."""

    actor: str


class KitNameTaken(Conflict):
    """Another kit in this space has this name.

    Choose another name, or rename that kit first.
    """

    name: str


class SectionNameTaken(Conflict):
    """Another section of this kit has this name.

    Choose another name.
    """

    name: str


class AssetNameTaken(Conflict):
    """Another asset in this section has this name.

    Choose another name.
    """

    name: str


class KitArchived(Conflict):
    """The kit is archived, and so only read.

    Restore it first.
    """

    kit_id: UUID


class AssetRemoved(Conflict):
    """The asset is in the trash.

    Restore it first.
    """

    asset_id: UUID


class NotAMember(NotFound):
    """This actor is no member of the space."""

    actor: str


class OwnerStays(Conflict):
    """An owner cannot be removed.

    Somebody else must become the owner first.
    """


class NotAnImage(Invalid):
    """The file is no image, and only images are assets."""

    media_type: str


class AlreadyUploaded(Conflict):
    """This actor has uploaded this file before."""

    sha256: str


@dataclass(frozen=True, kw_only=True)
class Space(Entity, unique=("created_by", "name"), taken=SpaceNameTaken):
    """What a team owns together: members and kits. Its name is unique for its creator, so it tells others nothing."""

    name: str
    created_by: str

    @property
    def space_id(self) -> UUID:
        """Its own id: a space lies within itself."""
        return self.id


@dataclass(frozen=True, kw_only=True)
class Member(Entity, unique=("space_id", "actor"), taken=AlreadyMember):
    """An actor's role in a space."""

    space_id: UUID
    actor: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class Kit(Entity, unique=("space_id", "name"), taken=KitNameTaken):
    """A collection of assets, in sections. Once archived it is only read, until it is restored."""

    space_id: UUID
    name: str
    visibility: Visibility = "private"
    archived_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether everybody may read it, be they members or not."""
        return self.visibility == "public" and self.archived_at is None


@dataclass(frozen=True, kw_only=True)
class Section(Entity, unique=("kit_id", "name"), taken=SectionNameTaken):
    """A part of a kit; the positions of a kit's sections are 0, 1, 2 and so on."""

    space_id: UUID
    kit_id: UUID
    name: str
    position: int


@dataclass(frozen=True, kw_only=True)
class Asset(Entity, unique=("section_id", "name"), taken=AssetNameTaken, while_none="removed_at"):
    """An image in a section: the file with this SHA-256, `size` in bytes.

    Once removed it is in the trash, where its name is free for others; it has no section if that was removed, too.
    Who added it is not known of old ones.
    """

    space_id: UUID
    kit_id: UUID
    section_id: UUID | None
    name: str
    sha256: str
    media_type: str
    size: int
    removed_at: datetime | None = None
    added_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Upload(Entity, unique=("actor", "sha256"), taken=AlreadyUploaded):
    """That an actor has brought a file, and so may use it; `uploaded_at` is when they did so last."""

    actor: str
    sha256: str
    media_type: str
    size: int
    uploaded_at: datetime
