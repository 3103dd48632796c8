"""The work list in PostgreSQL: rows of the ledger, claimed with `for update skip locked`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.bell import listen
from adapters.postgres.queue_statements import WAKE
from adapters.postgres.unit_of_work import PostgresUnitOfWork, fetched
from ports.action import Caller
from ports.work import Claimed, Held, Known, StopReason

DUE = "state = 'queued' and waits_for = 0 and run_at <= clock_timestamp() and action = any($3)"
FIRST = "order by priority desc, run_at, id limit $4 for update skip locked"
TAKEN = """
update executions e set state = 'running', attempt = attempt + 1, claim = claim + 1, worker_id = $1, progress = null,
    started_at = clock_timestamp(), lease_until = clock_timestamp() + $2 * interval '1 second',
    unique_key = case when unique_key like 'waiting:%' then null else unique_key end
from due left join actors a on a.subject = due.actor where e.id = due.id
returning e.id, e.action, e.arguments::text, e.attempt, e.claim, e.trace_id, e.started_at, e.actor, e.via, e.scopes,
    e.entry_point, coalesce(a.kind, 'person') as kind, a.display_name as name
"""
CLAIM = f"with due as materialized (select id, actor from executions where {DUE} {FIRST}) {TAKEN}"  # noqa: S608 - own words
CLAIM_ONE = CLAIM.replace(FIRST, f"and id = $5 {FIRST}")
ONE_AT_A_TIME = "select pg_try_advisory_xact_lock(hashtextextended($1, 47))"
RUNNING = "select count(*) from executions where state = 'running' and action = $1"
WAITING = f"select distinct action from executions where {DUE.replace('$3', '$1')}"  # noqa: S608
# An execution that is being ended is locked; the worker's other ones do not wait for it.
BEAT = """
with mine as materialized (
    select e.id, held.progress from unnest($1::uuid[], $2::bigint[], $3::text[]) held (id, claim, progress)
    join executions e on e.id = held.id and e.claim = held.claim and e.state = 'running'
    for update of e skip locked
)
update executions e set progress = coalesce(mine.progress::jsonb, e.progress),
    lease_until = coalesce(clock_timestamp() + $4 * interval '1 second', lease_until)
from mine where e.id = mine.id
"""
STOPPED = """
select held.id, held.claim,
    case when e.claim = held.claim and e.state = 'running' then 'cancelled' else 'lost' end as why
from unnest($1::uuid[], $2::bigint[]) held (id, claim) left join executions e on e.id = held.id
where e.claim is distinct from held.claim or e.state = 'queued'
    or (e.state = 'running' and e.cancel_requested_at is not null)
"""
GIVE_BACK = """
update executions e set state = 'queued', attempt = attempt - 1, lease_until = null, sent_at = null
from unnest($1::uuid[], $2::bigint[]) held (id, claim)
where e.id = held.id and e.claim = held.claim and e.state = 'running'
"""


class Claim(NamedTuple):
    """The parameters of a claim."""

    worker: UUID
    lease: float
    actions: list[str]
    most: int


class PostgresWork:
    """Rows that are queued or running."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def claim(
        self, known: Sequence[Known], *, worker: UUID, lease: float, most: int, only: UUID | None = None
    ) -> list[Claimed]:
        """See `Work`."""
        free = [each.action for each in known if each.concurrency is None]
        limited = {each.action: each.concurrency for each in known if each.concurrency is not None}
        sql, which = (CLAIM, []) if only is None else (CLAIM_ONE, [only])
        rows = await fetched(self._engine, sql, worker, lease, free, most, *which) if free else []
        for row in await fetched(self._engine, WAITING, [*limited]) if limited and len(rows) < most else []:
            claim = Claim(worker, lease, [row["action"]], most - len(rows))
            rows += await self._claim_limited(sql, claim, which, limit=limited[row["action"]])
        return [_claimed(row) for row in rows]

    async def _claim_limited(self, sql: str, claim: Claim, which: Sequence[UUID], *, limit: int) -> list[Any]:
        """Claim one action's executions while nobody else does, so that no more run at once than may."""
        unit = PostgresUnitOfWork(self._engine)
        async with unit.transaction():
            driver = await unit.driver()
            if not await driver.fetchval(ONE_AT_A_TIME, *claim.actions):
                return []
            most = min(claim.most, limit - await driver.fetchval(RUNNING, *claim.actions))
            rows: list[Any] = await driver.fetch(sql, *claim._replace(most=most), *which) if most > 0 else []
            return rows

    async def beat(self, held: Sequence[Held], *, lease: float | None) -> Mapping[tuple[UUID, int], StopReason]:
        """See `Work`."""
        told = [each for each in held if lease is not None or each.progress is not None]
        if told:
            await fetched(self._engine, BEAT, *_columns(told), [each.progress for each in told], lease)
        rows = await fetched(self._engine, STOPPED, *_columns(held))
        return {(row["id"], row["claim"]): row["why"] for row in rows}

    async def give_back(self, held: Sequence[Held]) -> None:
        """See `Work`."""
        await fetched(self._engine, GIVE_BACK, *_columns(held))
        await fetched(self._engine, WAKE)

    async def listen(self, hear: Callable[[], None]) -> None:
        """See `Work`."""
        await listen(self._engine, hear)


def _columns(held: Sequence[Held]) -> tuple[list[UUID], list[int]]:
    return [each.id for each in held], [each.claim for each in held]


def _claimed(row: Any) -> Claimed:
    caller = Caller(
        actor=row["actor"], via=row["via"], entry_point=row["entry_point"], scopes=frozenset(row["scopes"]),
        kind=row["kind"], name=row["name"],
    )  # fmt: skip
    names = ("id", "action", "arguments", "attempt", "claim", "trace_id", "started_at")
    return Claimed(caller=caller, **{name: row[name] for name in names})
