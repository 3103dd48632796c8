"""Housekeeping in PostgreSQL."""

from datetime import datetime, timedelta
from uuid import UUID

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.housekeeping import Pruned, Retention
from ports.sharing import Share
from ports.uuid7 import uuid7

SHARES = """
select * from shares where expires_at < $1 or revoked_at < $1 order by id limit $2
"""
RELEASE = """
with expired as (
    select id from executions where idempotency_key is not null and submitted_at < $1
    limit $2 for update skip locked
), released as (
    update executions set idempotency_key = null, fingerprint = null where id in (select id from expired) returning id
)
select count(*) from released
"""
SEEN = """
with seen as materialized (select id from executions where id > $1 and id < $2 order by id limit $3),
old as materialized (
    select id from executions e where id in (select id from seen)
        and state in ('succeeded', 'rejected', 'failed', 'cancelled') and idempotency_key is null
        and finished_at < case when exists (select from changes where execution_id = e.id) then $5::timestamptz
            else $4::timestamptz end
        and not exists (select from executions where parent_id = e.id)
        and not exists (select from executions where retry_of = e.id)
        and not exists (select from followers where follows_id = e.id)
        and not exists (select from schedules where last_execution_id = e.id)
    for update skip locked
), followed as (delete from followers where execution_id in (select id from old)),
"""
FORGET = "forgotten as (delete from changes where execution_id in (select id from old)),"
REMOVE = """
removed as (delete from executions where id in (select id from old) returning id)
select (select count(*) from removed) as removed, (select count(*) from seen) as seen,
    (select id from seen order by id desc limit 1) as last
"""
FIRST = UUID(int=0)


class PostgresHousekeeping:
    """Rows that have had their time; one that another transaction holds has not."""

    def __init__(self, unit: PostgresUnitOfWork, retention: Retention) -> None:
        self._unit, self._retention = unit, retention

    async def ended_shares(self, *, before: datetime, limit: int) -> list[Share]:
        """See `Housekeeping`."""
        return [Share(**row) for row in await (await self._unit.driver()).fetch(SHARES, before, limit)]

    async def release_keys(self, *, at: datetime, limit: int) -> int:
        """See `Housekeeping`."""
        before = at - timedelta(hours=self._retention.key_hours)
        released: int = await (await self._unit.driver()).fetchval(RELEASE, before, limit)
        return released

    async def prune(self, *, at: datetime, after: UUID | None, limit: int) -> Pruned:
        """See `Housekeeping`."""
        kept = self._retention
        ledger, history = (
            at - timedelta(days=days) if days else None for days in (kept.ledger_days, kept.history_days)
        )
        cutoffs = [cutoff for cutoff in (ledger, history) if cutoff]
        if not cutoffs:
            return Pruned(removed=0, cursor=None)
        statement = SEEN + (FORGET if history else "") + REMOVE  # who may not remove changes may not name that either
        made_before = uuid7(max(cutoffs), 0)
        driver = await self._unit.driver()
        row = await driver.fetchrow(statement, after or FIRST, made_before, limit, ledger, history)
        return Pruned(removed=row["removed"], cursor=row["last"] if row["seen"] == limit else None)
