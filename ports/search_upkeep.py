"""The upkeep of the search index: building it anew, comparing it with the database, telling how far behind it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from ports.problem import Conflict

MAX_IDS = 20
COUNTED_CHANGES = 10_000  # what waits beyond these waits, and is not counted

IndexState = Literal["building", "live", "retired"]


class NoIndex(Conflict):
    """There is no index to compare with yet.

    A worker builds one when it begins: see whether one runs, and how far it has come.
    """


@dataclass(frozen=True, kw_only=True)
class IndexStatus:
    """One index: `behind_changes` are to be followed yet, the oldest since `behind_seconds`.

    One that is `building` has been `filled` with so many documents. It last had followed everything when `reached_at`.
    """

    name: str
    state: IndexState
    behind_changes: int
    behind_seconds: float
    filled: int
    position: str
    reached_at: datetime


@dataclass(frozen=True, kw_only=True)
class SearchStatus:
    """Which engine finds, whether it answers, and the indexes it keeps; with PostgreSQL, the rows are the index."""

    engine: Literal["postgres", "elasticsearch"]
    answers: bool
    indexes: list[IndexStatus] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Differences:
    """Documents that differ in one way: how many, and the ids of some of them."""

    count: int = 0
    ids: list[UUID] = field(default_factory=list)

    def and_also(self, ids: list[UUID]) -> "Differences":
        """Return these, and those with the ids."""
        return Differences(count=self.count + len(ids), ids=[*self.ids, *ids][:MAX_IDS])


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a comparison has found: documents that the index lacks, has too many, or has otherwise than the database.

    `unsettled` were written again and again while they were compared, or the index did not catch up in time: nobody can
    tell. With `compares` false, the rows are the index, and so there was nothing to compare.
    """

    compares: bool = True
    compared: int = 0
    missing: Differences = Differences()
    surplus: Differences = Differences()
    different: Differences = Differences()
    unsettled: Differences = Differences()
    repaired: int = 0

    @property
    def differences(self) -> int:
        """How many documents are not as they should be."""
        return self.missing.count + self.surplus.count + self.different.count


class SearchUpkeep(Protocol):
    """Keeps the search index true to the database; what it does is a transaction of its own, or many."""

    async def reindex(self) -> str | None:
        """Have a new index built beside the live one, which is then put in its place; return the new one's name.

        Searches are answered throughout, and no write is missed. One that was being built before is given up. A worker
        builds it, once this transaction is committed. Where the rows are the index there is nothing to build: None.
        """
        ...

    async def verify(self, *, repair: bool, report: Callable[[int], None]) -> Verified:
        """Compare the live index with the database, document by document, and write anew what differs, to `repair`.

        What was written meanwhile is looked at again once the index has followed that. `report` is told how many were
        compared so far. Raise `NoIndex` or `SearchUnavailable`.
        """
        ...

    async def status(self) -> SearchStatus:
        """Return how it is."""
        ...
