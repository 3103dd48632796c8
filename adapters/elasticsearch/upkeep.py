"""The upkeep of the index in Elasticsearch."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.elasticsearch.cluster import Cluster
from adapters.elasticsearch.comparing import TOGETHER, Sides, both_sides, compared
from adapters.elasticsearch.writing import write
from adapters.postgres.connections import borrowed, reaching_the_database
from adapters.postgres.search_documents import RAISE, Kind
from adapters.postgres.search_indexes import BY_NOW, HAS_FOLLOWED, begin, indexes, statuses
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.search_upkeep import NoIndex, SearchStatus, Verified

LOOKS = 6  # at what differs, each after the index has followed what was written by the look before
LOOK_SECONDS = 10.0
POLL_SECONDS = 0.1


class ElasticsearchUpkeep:
    """Works beside the transaction of the execution, in which only is noted what is to be built."""

    def __init__(self, unit: PostgresUnitOfWork, beside: AsyncEngine, cluster: Cluster) -> None:
        self._unit, self._beside, self._cluster = unit, beside, cluster
        self._patience = LOOK_SECONDS

    async def reindex(self) -> str | None:
        """See `SearchUpkeep`."""
        return await begin(await self._unit.driver(), self._cluster.name)

    async def status(self) -> SearchStatus:
        """See `SearchUpkeep`."""
        answers = await self._cluster.answers()
        async with self._driver() as driver:
            return SearchStatus(engine="elasticsearch", answers=answers, indexes=await statuses(driver))

    async def verify(self, *, repair: bool, report: Callable[[int], None]) -> Verified:
        """See `SearchUpkeep`."""
        verified = Verified()
        async with self._driver() as driver:
            index = next((each.name for each in await indexes(driver) if each.state == "live"), None)
            if index is None:
                raise NoIndex
            await self._cluster.refresh(index)
            async for page in compared(self._cluster, driver, index):
                for first in range(0, len(page.differing), TOGETHER):
                    some = page.differing[first : first + TOGETHER]
                    verified = await self._looked_at(driver, index, page.kind, some, verified, repair=repair)
                verified = replace(verified, compared=verified.compared + page.count)
                report(verified.compared)
        return verified

    async def _looked_at(
        self, driver: Any, index: str, kind: Kind, ids: Sequence[UUID], verified: Verified, *, repair: bool
    ) -> Verified:
        """Return what was found so far, and what of these still differs after the index has followed."""
        sides = Sides(rows={}, documents={})
        for _ in range(LOOKS):
            if not await self._has_followed(driver, index):
                return replace(verified, unsettled=verified.unsettled.and_also([*ids]))
            sides = await both_sides(self._cluster, driver, index, kind, ids)
            ids = sides.differing()
            if not ids:
                return verified
        repaired = await self._repaired(driver, index, kind, ids, sides) if repair else 0
        return replace(
            verified,
            missing=verified.missing.and_also([one for one in ids if one not in sides.documents]),
            surplus=verified.surplus.and_also([one for one in ids if one not in sides.rows]),
            different=verified.different.and_also([one for one in ids if one in sides.rows and one in sides.documents]),
            repaired=verified.repaired + repaired,
        )

    async def _repaired(self, driver: Any, index: str, kind: Kind, ids: Sequence[UUID], sides: Sides) -> int:
        await driver.execute(RAISE, sides.version)  # of a database that was restored, the numbers are behind
        return len(ids) - await write(self._cluster, driver, index, kind, ids)

    async def _has_followed(self, driver: Any, index: str) -> bool:
        """Wait until the index has followed all that is committed by now, and return whether it has."""
        now, until = await driver.fetchval(BY_NOW), monotonic() + self._patience
        while not await driver.fetchval(HAS_FOLLOWED, index, now):
            if monotonic() > until:
                self._patience = 0.0  # nobody seems to follow: it is not waited for again at every page
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    @asynccontextmanager
    async def _driver(self) -> AsyncIterator[Any]:
        with reaching_the_database():
            async with borrowed(self._beside) as driver:
                yield driver
