"""The visual asset library: its entities, and the problems of keeping them."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field

from ports.problem import Conflict, Invalid, NotFound

MAX_NAME = 80


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


Name = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(_tidy)]
ActorName = Annotated[str, Field(max_length=200, pattern=r"^[\x21-\x7e]+$", description="Who: a token's subject.")]
Visibility = Literal["private", "public"]
Role = Literal["viewer", "editor", "admin", "owner"]


class SpaceNameTaken(Conflict):
    """You have created a space of this name before.

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
class Entity:
    """What has an identity and a version, which grows by one with every change.

    A subclass names its unique fields and the problem of their being taken, whose one member is the last of them.
    """

    id: UUID
    version: int = 1

    unique: ClassVar[tuple[str, ...]]
    taken: ClassVar[type[Conflict]]

    def __init_subclass__(cls, *, unique: tuple[str, ...], taken: type[Conflict]) -> None:
        cls.unique, cls.taken = unique, taken

    def next_version(self) -> Self:
        """Return it as it is after one more change."""
        return replace(self, version=self.version + 1)


E = TypeVar("E", bound=Entity)


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
    """A collection of assets, in sections."""

    space_id: UUID
    name: str
    visibility: Visibility = "private"


@dataclass(frozen=True, kw_only=True)
class Section(Entity, unique=("kit_id", "name"), taken=SectionNameTaken):
    """A part of a kit; `position` counts from 0."""

    space_id: UUID
    kit_id: UUID
    name: str
    position: int


@dataclass(frozen=True, kw_only=True)
class Asset(Entity, unique=("section_id", "name"), taken=AssetNameTaken):
    """An image in a section: the file with this SHA-256, `size` in bytes."""

    space_id: UUID
    kit_id: UUID
    section_id: UUID
    name: str
    sha256: str
    media_type: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Upload(Entity, unique=("actor", "sha256"), taken=AlreadyUploaded):
    """That an actor has brought a file, and so may use it."""

    actor: str
    sha256: str
    media_type: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Page(Generic[E]):
    """Some of a list, in the order of creation, and where it goes on: no `next_cursor` is the end."""

    items: list[E]
    next_cursor: str | None
