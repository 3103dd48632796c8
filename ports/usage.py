"""Usage: how much a space, a kit or a tag holds, known without counting, and how much a space may hold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from ports.problem import Conflict


class QuotaExceeded(Conflict):
    """The space would hold more than it may.

    Nothing was changed. Empty the trash of its kits, or ask the operators for more.
    """

    resource: Literal["assets", "bytes"]
    limit: int


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How much a space may hold at most, its trash included: assets, and bytes of their files together."""

    max_assets: int
    max_bytes: int

    def check(self, *, assets: int, size: int) -> None:
        """Raise `QuotaExceeded` for a space that holds so many assets, of so many bytes together."""
        if assets > self.max_assets:
            raise QuotaExceeded(resource="assets", limit=self.max_assets)
        if size > self.max_bytes:
            raise QuotaExceeded(resource="bytes", limit=self.max_bytes)


class Usage(Protocol):
    """What spaces, kits and tags hold, each by its id."""

    async def assets_of(self, ids: Collection[UUID], /) -> Mapping[UUID, int]:
        """Return how many assets each of these kits or tags has; a kit's trash does not count, a tag's does.

        What this execution has changed itself counts from its end on.
        """
        ...

    async def settle(self) -> None:
        """Count what the execution changed, at its end. Raise `QuotaExceeded` if a space has grown beyond its quota."""
        ...
