"""Comparing an index with the database, document by document, in the order of their ids."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from adapters.elasticsearch.cluster import Cluster
from adapters.elasticsearch.documents import document_of
from adapters.postgres.search_documents import FIRST, KINDS, PAGES, Kind, findable

TOGETHER = 1_000
LAST = UUID(int=2**128 - 1)
Bodies = Mapping[UUID, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """So many documents of a kind, and the ids of those that were not the same on both sides."""

    kind: Kind
    count: int
    differing: Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The documents as the database has them, and as the index has them, with the highest version among these."""

    rows: Bodies
    documents: Bodies
    version: int = 0

    def differing(self) -> list[UUID]:
        """Return the ids of those that are not the same."""
        return sorted(one for one in {*self.rows, *self.documents} if self.rows.get(one) != self.documents.get(one))


async def compared(cluster: Cluster, driver: Any, index: str) -> AsyncIterator[Compared]:
    """Yield the documents of both sides page by page, compared."""
    for kind in KINDS:
        after = FIRST
        while after != LAST:
            ids = [row["id"] for row in await driver.fetch(PAGES[kind], after, TOGETHER)]
            indexed = await _indexed(cluster, index, kind, after)
            # Up to where both sides are known: what lies beyond is of the next page.
            last = min((side[-1] for side in (ids, [*indexed]) if len(side) == TOGETHER), default=LAST)
            rows = await findable(driver, kind, [one for one in ids if one <= last])
            sides = Sides(
                rows={one: document_of(row) for one, row in rows.items()},
                documents={one: body for one, body in indexed.items() if one <= last},
            )
            yield Compared(kind=kind, count=len({*sides.rows, *sides.documents}), differing=sides.differing())
            after = last


async def both_sides(cluster: Cluster, driver: Any, index: str, kind: Kind, ids: Sequence[UUID]) -> Sides:
    """Return these as they are at this moment."""
    found = await cluster.documents(index, [str(one) for one in ids])
    rows = await findable(driver, kind, ids)
    return Sides(
        rows={one: document_of(row) for one, row in rows.items()},
        documents={UUID(one): each["_source"] for one, each in found.items()},
        version=max((each["_version"] for each in found.values()), default=0),
    )


async def _indexed(cluster: Cluster, index: str, kind: Kind, after: UUID) -> Bodies:
    body = {
        "query": {"term": {"kind": kind}},
        "sort": [{"id": "asc"}],
        "size": TOGETHER,
        "search_after": [str(after)],
    }
    return {UUID(hit["_id"]): hit["_source"] for hit in await cluster.page(index, body)}
