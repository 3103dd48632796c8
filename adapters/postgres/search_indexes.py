"""The indexes of a search engine as rows: where each is in the stream of changes, and what comes next there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, NamedTuple
from uuid import UUID

from ports.search_upkeep import COUNTED_CHANGES, IndexState, IndexStatus

COLUMNS = """
name, state, transaction_id::text, change_id, filling, coalesce(filled_id, '00000000-0000-0000-0000-000000000000')
    as filled_id, filled, reached_at, transaction_id > pg_snapshot_xmax(pg_current_snapshot()) as astray
"""
ALL = f"select {COLUMNS} from search_indexes order by state desc, name"  # noqa: S608 - our own words
# Whatever was committed before the horizon is seen by who fills it, and all that comes after is followed.
BEGIN = """
insert into search_indexes (name, state, transaction_id, change_id, filling, reached_at)
values ($1, 'building', pg_snapshot_xmin(pg_current_snapshot()), 0, 'kit', clock_timestamp())
"""
GIVE_UP = "update search_indexes set state = 'retired', reached_at = clock_timestamp() where state = 'building'"
RETIRE = "update search_indexes set state = 'retired', reached_at = clock_timestamp() where name = $1"
STILL_BUILT = "select true from search_indexes where name = $1 and state = 'building' for update"
SUCCEED = """
update search_indexes set state = case name when $1 then 'live' else 'retired' end, reached_at = clock_timestamp()
where name = $1 or state = 'live'
"""
FORGET = "delete from search_indexes where name = $1"
LONG_RETIRED = """
select name from search_indexes where state = 'retired' and reached_at < clock_timestamp() - $1 * interval '1 second'
"""
FILL = "update search_indexes set filling = $2, filled_id = $3, filled = filled + $4 where name = $1"
HORIZON = "select pg_snapshot_xmin(pg_current_snapshot())::text"
# In the order in which transactions began; one that is open yet holds back what began after it, so none is passed by.
NEXT = """
select c.transaction_id::text, c.id as change_id, entity_kind as kind, coalesce(part_of, entity_id) as id,
    before is not null and after is not null and case entity_kind
        when 'kit' then (before ->> 'visibility', before ->> 'archived_at')
            is distinct from (after ->> 'visibility', after ->> 'archived_at')
        when 'tag' then before ->> 'name' is distinct from after ->> 'name'
        else false end as spreads
from changes c where (c.transaction_id, c.id) > ($1::text::xid8, $2) and c.transaction_id < $3::text::xid8
order by c.transaction_id, c.id limit $4
"""
BY_NOW = "select pg_snapshot_xmax(pg_current_snapshot())::text"
# Nothing that is committed is between the position and there; what is open yet has changed nothing for others.
HAS_FOLLOWED = """
select not exists (
    select from changes c where (c.transaction_id, c.id) > (i.transaction_id, i.change_id)
        and c.transaction_id < $2::text::xid8
) from search_indexes i where i.name = $1
"""
MOVE = """
update search_indexes set transaction_id = $2::text::xid8, change_id = $3,
    reached_at = case when $4 then clock_timestamp() else reached_at end
where name = $1
"""
BEHIND = f"""
with waiting as (
    select execution_id from changes where (transaction_id, id) > ($1::text::xid8, $2)
        and transaction_id < pg_snapshot_xmax(pg_current_snapshot())
    order by transaction_id, id limit {COUNTED_CHANGES}
), oldest as (
    select coalesce(e.finished_at, e.submitted_at) as at from (select execution_id from waiting limit 1) w
    join executions e on e.id = w.execution_id
)
select (select count(*) from waiting) as changes,
    coalesce((select extract(epoch from clock_timestamp() - at)::float from oldest), 0) as seconds
"""  # noqa: S608 - our own number


class Position(NamedTuple):
    """A place in the stream of changes: what is behind it was not followed yet."""

    transaction_id: str
    change_id: int


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index, up to where it has followed, and with which kind it is being filled, if it is.

    It is `astray` where no transaction has come yet: the rows were brought here from another server.
    """

    name: str
    state: IndexState
    transaction_id: str
    change_id: int
    filling: str | None
    filled_id: UUID
    filled: int
    reached_at: datetime
    astray: bool


async def indexes(driver: Any) -> list[Index]:
    """Return all that there are, those that retire first, the live one before what is being built."""
    order: Mapping[IndexState, int] = {"retired": 0, "live": 1, "building": 2}
    return sorted((Index(**row) for row in await driver.fetch(ALL)), key=lambda index: order[index.state])


async def begin(driver: Any, prefix: str) -> str:
    """Put an index on record that is to be built, give up what was being built before, and return its name."""
    name = f"{prefix}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(3)}"  # of no index that there ever was
    await driver.execute(GIVE_UP)
    await driver.execute(BEGIN, name)
    return name


async def following(driver: Any, index: Index, *, limit: int) -> tuple[Sequence[Mapping[str, Any]], Position]:
    """Return the changes that come next, and where the index is once it has followed them."""
    horizon: str = await driver.fetchval(HORIZON)
    rows = await driver.fetch(NEXT, index.transaction_id, index.change_id, horizon, limit)
    if len(rows) == limit:
        return rows, Position(rows[-1]["transaction_id"], rows[-1]["change_id"])
    return rows, Position(horizon, 0)


async def statuses(driver: Any) -> list[IndexStatus]:
    """Return how it is with each index."""
    return [await _status(driver, index) for index in await indexes(driver)]


async def _status(driver: Any, index: Index) -> IndexStatus:
    behind = await driver.fetchrow(BEHIND, index.transaction_id, index.change_id)
    return IndexStatus(
        name=index.name,
        state=index.state,
        behind_changes=behind["changes"],
        behind_seconds=round(behind["seconds"], 3),
        filled=index.filled,
        position=f"{index.transaction_id}:{index.change_id}",
        reached_at=index.reached_at,
    )
