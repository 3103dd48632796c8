"""The follower: brings to the indexes what was committed, and builds those that are to be built."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.elasticsearch.cluster import Cluster, IndexGone
from adapters.elasticsearch.writing import TOGETHER, follow, write
from adapters.postgres import search_indexes as rows
from adapters.postgres.search_documents import FIRST, KINDS, PAGES, Kind
from adapters.postgres.search_indexes import Index
from ports.logger import Logger

CHANGES = 1_000  # at once
GRACE_SECONDS = 5.0  # a search that has just begun in an index that retires comes to its end there
BEAT = timedelta(seconds=30)  # where nothing is to be followed, it looks whether the index is there


class Follower:
    """Works on a connection that holds the lock of the one who follows; who loses it has lost the lock as well.

    A position moves once the engine has confirmed what is before it. So who is killed at any time has at most written
    some that the next one writes again.
    """

    def __init__(
        self, cluster: Cluster, driver: Any, *, log: Logger, history_days: int = 0, beat: timedelta = BEAT
    ) -> None:
        self._beat = beat
        self._cluster, self._driver, self._log = cluster, driver, log
        self._kept = timedelta(days=history_days) if history_days else timedelta.max

    async def step(self) -> bool:
        """Do some of what is to be done, and return whether there is more. Raise `SearchUnavailable`."""
        await self._remove_retired()
        found = [index for index in await rows.indexes(self._driver) if index.state != "retired"]
        if reason := self._why_to_build(found):
            name = await rows.begin(self._driver, self._cluster.name)
            self._log.warning(reason, building=name)
            return True
        return any([await self._tend(index) for index in found])  # all of them, not up to the first

    async def _tend(self, index: Index) -> bool:
        try:
            if index.state == "building" and index.filling == KINDS[0] and index.filled_id == FIRST:
                await self._cluster.create(index.name)
            more = await self._follow(index)
            if index.state == "building" and (index.filling is not None or not more):
                return await self._build(index)
        except IndexGone:
            self._log.error("search.index_gone", index=index.name)
            await self._driver.execute(rows.RETIRE, index.name)
            return True
        return more

    async def _follow(self, index: Index) -> bool:
        """Follow the changes that come next, and return whether there are more."""
        changes, position = await rows.following(self._driver, index, limit=CHANGES)
        more = len(changes) == CHANGES
        await follow(self._cluster, self._driver, index.name, changes)
        idle = not changes and datetime.now(UTC) - index.reached_at > self._beat
        if idle and index.state == "live":
            await self._cluster.require(index.name)
        if changes or idle:
            await self._driver.execute(rows.MOVE, index.name, *position, not more)
        return more

    async def _build(self, index: Index) -> bool:
        """Fill some of the index, or have it go live once it is full and has followed; return whether to go on."""
        if index.filling is None:
            await self._succeed(index)
            return False
        kind: Kind = "kit" if index.filling == "kit" else "asset"
        ids = [row["id"] for row in await self._driver.fetch(PAGES[kind], index.filled_id, TOGETHER)]
        await write(self._cluster, self._driver, index.name, kind, ids)
        if ids:
            filled = replace(index, filled_id=ids[-1])
        else:
            following = KINDS[KINDS.index(kind) + 1 :]
            filled = replace(index, filling=following[0] if following else None, filled_id=FIRST)
        await self._driver.execute(rows.FILL, index.name, filled.filling, filled.filled_id, len(ids))
        return True

    async def _succeed(self, index: Index) -> None:
        async with self._driver.transaction():
            if not await self._driver.fetchval(rows.STILL_BUILT, index.name):
                return  # given up a moment ago, for another that is to be built
            await self._cluster.make_live(index.name)
            await self._driver.execute(rows.SUCCEED, index.name)
        self._log.info("search.index_live", index=index.name, filled=index.filled)

    def _why_to_build(self, found: Sequence[Index]) -> str | None:
        """Return why an index is to be built unasked: there is none, or one that may have missed something."""
        if not found:
            return "search.index_missing"
        newest = found[-1]  # what is being built, or else the live one
        if newest.astray:
            return "search.index_astray"
        return "search.changes_pruned" if datetime.now(UTC) - newest.reached_at > self._kept else None

    async def _remove_retired(self) -> None:
        for row in await self._driver.fetch(rows.LONG_RETIRED, GRACE_SECONDS):
            await self._cluster.remove(row["name"])
            await self._driver.execute(rows.FORGET, row["name"])
