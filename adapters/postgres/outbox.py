"""The outbox in PostgreSQL: rows of the ledger that are due, and when they were sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.connections import fetched
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.broker import Broker, Waiting

WINDOW = 1_000  # of a queue with the broker at once: what is to go first is decided here, until it is sent
ONE_AT_A_TIME = "select pg_try_advisory_xact_lock(hashtextextended('actionbus.relay', 47))"
WITH_THE_BROKER = """
select queue, action, count(*) from executions where state = 'queued' and sent_at is not null group by 1, 2
union all
select '', action, count(*) from executions where state = 'running' and action = any($1) group by 2
"""
DUE = "state = 'queued' and waits_for = 0 and run_at <= clock_timestamp() and sent_at is null"
UNSENT = f"""
select id, xmin::text as version, queue, priority from executions
where {DUE} and queue <> all($1) and action {{which}}
order by priority desc, run_at, id limit $3
"""  # noqa: S608 - own words
UNLIMITED, LIMITED = UNSENT.format(which="<> all($2)"), UNSENT.format(which="= any($2)")
# Not locked while they were sent, or who receives one could not claim it. A row that has changed since was claimed,
# or could not be begun: what is to be known of it now is not that it was sent.
SENT = """
update executions e set sent_at = clock_timestamp() from unnest($1::uuid[], $2::text[]) sent (id, version)
where e.id = sent.id and e.xmin::text = sent.version
"""
FORGET = """
update executions set sent_at = null
where state = 'queued' and sent_at < clock_timestamp() - $1 * interval '1 second' returning id
"""
TAKE_BACK = "update executions set sent_at = null where id = $1 and state = 'queued'"
COUNT = f"select count(*) from (select 1 from executions where {DUE} limit 10000) due"  # noqa: S608


class PostgresOutbox:
    """Rows that are queued and were not sent."""

    def __init__(self, engine: AsyncEngine, *, window: int = WINDOW) -> None:
        self._engine, self._window = engine, window

    async def send(self, broker: Broker, *, limits: Mapping[str, int], most: int) -> int | None:
        """See `Outbox`."""
        unit = PostgresUnitOfWork(self._engine)
        async with unit.transaction():
            driver = await unit.driver()
            if not await driver.fetchval(ONE_AT_A_TIME):
                return None
            waiting = await self._unsent(driver, limits, most)
            if waiting:
                await broker.send(waiting)
                await driver.execute(SENT, [each.id for each in waiting], [each.version for each in waiting])
            return len(waiting)

    async def forget(self, *, older_than: float) -> int:
        """See `Outbox`."""
        return len(await fetched(self._engine, FORGET, older_than))

    async def take_back(self, id: UUID, /) -> None:
        """See `Outbox`."""
        await fetched(self._engine, TAKE_BACK, id)

    async def count(self) -> int:
        """See `Outbox`."""
        return int((await fetched(self._engine, COUNT))[0]["count"])

    async def _unsent(self, driver: Any, limits: Mapping[str, int], most: int) -> Sequence[Waiting]:
        of_queue, of_action = Counter[str](), Counter[str]()
        for row in await driver.fetch(WITH_THE_BROKER, [*limits]):
            of_queue[row["queue"]] += row["count"]
            of_action[row["action"]] += row["count"]
        full = [queue for queue, count in of_queue.items() if count >= self._window]
        rows = await driver.fetch(UNLIMITED, full, [*limits], most)
        for action, limit in limits.items():
            if (room := limit - of_action[action]) > 0:
                rows += await driver.fetch(LIMITED, full, [action], room)
        return [Waiting(**row) for row in rows]
