"""Tags: words that a space gives to its assets."""

from dataclasses import dataclass
from uuid import UUID

from ports.entity import Entity
from ports.problem import Conflict, NotFound


class TagNameTaken(Conflict):
    """Another tag of this space has this name.

    Choose another name, or use that tag.
    """

    name: str


class AlreadyTagged(Conflict):
    """The asset has this tag already."""

    tag_id: UUID


class NotTagged(NotFound):
    """The asset does not have this tag."""

    tag: str


@dataclass(frozen=True, kw_only=True)
class Tag(Entity, unique=("space_id", "name"), taken=TagNameTaken):
    """A word for assets of a space."""

    space_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class Tagging(Entity, unique=("asset_id", "tag_id"), taken=AlreadyTagged):
    """That an asset has a tag."""

    space_id: UUID
    asset_id: UUID
    tag_id: UUID
