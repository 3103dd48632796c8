"""Usage in PostgreSQL: counts that are kept beside what they count, from the changes of each transaction.

They are written at the end of an execution, so that nobody waits for them longer than a commit takes.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.library import Asset
from ports.tags import Tagging
from ports.usage import Quota

COUNTED = (Asset, Tagging)
# In one order, so that two who count do not wait for each other.
COUNT = """
with mine as (
    select entity_kind, -1 as sign, before as was from changes
    where transaction_id = pg_current_xact_id() and entity_kind in ('asset', 'tagging') and before is not null
    union all
    select entity_kind, 1, after from changes
    where transaction_id = pg_current_xact_id() and entity_kind in ('asset', 'tagging') and after is not null
), counted as (
    select (was->>'space_id')::uuid as id, true as of_space, sign as assets, sign * (was->>'size')::bigint as bytes
    from mine where entity_kind = 'asset'
    union all
    select (was->>'kit_id')::uuid, false, sign, sign * (was->>'size')::bigint
    from mine where entity_kind = 'asset' and was->>'removed_at' is null
    union all
    select (was->>'tag_id')::uuid, false, sign, 0 from mine where entity_kind = 'tagging'
), grown as (
    select id, of_space, sum(assets)::bigint as assets, sum(bytes)::bigint as bytes from counted
    group by id, of_space having sum(assets) <> 0 or sum(bytes) <> 0 order by id
), held as (
    insert into usage as u (id, assets, bytes) select id, assets, bytes from grown
    on conflict (id) do update set assets = u.assets + excluded.assets, bytes = u.bytes + excluded.bytes
    returning id, assets, bytes
)
select held.id, held.assets, held.bytes, of_space and (grown.assets > 0 or grown.bytes > 0) as to_check
from held join grown using (id)
"""
FORGET = "delete from usage where id = any($1) and assets = 0 and bytes = 0"
ASSETS = "select id, assets from usage where id = any($1)"


class PostgresUsage:
    """Counts as rows; what holds nothing has none."""

    def __init__(self, unit: PostgresUnitOfWork, quota: Quota) -> None:
        self._unit, self._quota = unit, quota

    async def assets_of(self, ids: Collection[UUID], /) -> Mapping[UUID, int]:
        """See `Usage`."""
        rows = await (await self._unit.driver()).fetch(ASSETS, list(ids))
        return dict.fromkeys(ids, 0) | {row["id"]: row["assets"] for row in rows}

    async def settle(self) -> None:
        """See `Usage`."""
        if self._unit.written.isdisjoint(COUNTED):
            return
        driver = await self._unit.driver()
        rows = await driver.fetch(COUNT)
        for row in rows:
            if row["to_check"]:
                self._quota.check(assets=row["assets"], size=row["bytes"])
        if empty := [row["id"] for row in rows if row["assets"] == row["bytes"] == 0]:
            await driver.execute(FORGET, empty)
