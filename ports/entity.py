"""What every entity has, and pages of them."""

from dataclasses import dataclass, replace
from typing import ClassVar, Generic, Self, TypeVar
from uuid import UUID

from ports.problem import Conflict


@dataclass(frozen=True, kw_only=True)
class Entity:
    """What has an identity and a version, which grows by one with every change.

    A subclass names its unique fields and the problem of their being taken, whose one member is the last of them.
    Where it names a field `while_none`, they are unique among those for which that field is None. Where it is
    `part_of` what a field names, as "asset_id" does an asset, its changes are in the history of that, too.
    """

    id: UUID
    version: int = 1

    unique: ClassVar[tuple[str, ...]]
    taken: ClassVar[type[Conflict]]
    while_none: ClassVar[str | None]
    part_of: ClassVar[str | None]

    def __init_subclass__(
        cls,
        *,
        unique: tuple[str, ...],
        taken: type[Conflict],
        while_none: str | None = None,
        part_of: str | None = None,
    ) -> None:
        cls.unique, cls.taken, cls.while_none, cls.part_of = unique, taken, while_none, part_of

    def next_version(self) -> Self:
        """Return it as it is after one more change."""
        return replace(self, version=self.version + 1)

    def is_taken(self) -> Conflict:
        """Return the problem that another has its unique fields."""
        last = self.unique[-1]
        return self.taken(**{last: getattr(self, last)})


E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, kw_only=True)
class Page(Generic[E]):
    """Some of a list, in the order of creation, and where it goes on: no `next_cursor` is the end."""

    items: list[E]
    next_cursor: str | None
