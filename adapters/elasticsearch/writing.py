"""Writing documents as the database has them at that moment, each with the version of that moment."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from adapters.elasticsearch.cluster import Cluster
from adapters.elasticsearch.documents import writes_of
from adapters.postgres.search_documents import FIRST, OF_KIT, OF_TAG, Kind, numbered

TOGETHER = 1_000
SPREAD: Mapping[str, str] = {"kit": OF_KIT, "tag": OF_TAG}


async def write(cluster: Cluster, driver: Any, index: str, kind: Kind, ids: Sequence[UUID]) -> int:
    """Write the documents of these to the index, and return of how many it had newer ones.

    What is read under a higher version is at least as new. So it does not matter in which order writes arrive, nor
    whether who sent one still lives.
    """
    newer = 0
    for first in range(0, len(ids), TOGETHER):
        some = ids[first : first + TOGETHER]
        version, found = await numbered(driver, kind, some)
        newer += await cluster.write(index, writes_of(version, some, found))
    return newer


async def follow(cluster: Cluster, driver: Any, index: str, changes: Iterable[Mapping[str, Any]]) -> None:
    """Write to the index whatever these changes touch, once, however often they do."""
    touched, spreading = defaultdict[Kind, set[UUID]](set), set[tuple[str, UUID]]()
    for change in changes:
        match change["kind"]:
            case "kit":
                touched["kit"].add(change["id"])
            case "asset" | "tagging":
                touched["asset"].add(change["id"])
        if change["spreads"]:
            spreading.add((change["kind"], change["id"]))
    for kind, ids in touched.items():
        await write(cluster, driver, index, kind, sorted(ids))
    for whole, whole_id in sorted(spreading):
        async for page in _pages(driver, SPREAD[whole], whole_id):
            await write(cluster, driver, index, "asset", page)


async def _pages(driver: Any, sql: str, *values: object) -> AsyncIterator[Sequence[UUID]]:
    after = FIRST
    while ids := [row["id"] for row in await driver.fetch(sql, *values, after, TOGETHER)]:
        yield ids
        after = ids[-1]
