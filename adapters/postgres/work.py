"""The work list in PostgreSQL: rows of the ledger, claimed with `for update skip locked`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.bell import RING, listen
from adapters.postgres.connections import fetched
from adapters.postgres.together import Together
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.action import Caller
from ports.work import Claimed, Held, Known, StopReason

# Of each priority by itself, so that delayed ones of a higher one are not read; a volatile clock would be no condition
# of the index.
DUE = "state = 'queued' and waits_for = 0 and run_at <= statement_timestamp() and action = any({actions})"
FIRST = f"""
select due.* from priorities cross join lateral (
    select id, action from executions where {DUE} and priority = priorities.priority
    order by run_at, id limit {{most}} for update skip locked
) due limit {{most}}
"""  # noqa: S608 - own words, here and below
PRIORITIES = """
recursive priorities (priority) as (
    (select priority from executions where state = 'queued' and waits_for = 0 order by priority desc limit 1)
    union all
    select (
        select e.priority from executions e where e.state = 'queued' and e.waits_for = 0 and e.priority < p.priority
        order by e.priority desc limit 1
    ) from priorities p where p.priority is not null
)
"""
TAKEN = """
update executions set state = 'running', attempt = attempt + 1, claim = claim + 1, worker_id = $1, progress = null,
    started_at = clock_timestamp(), lease_until = clock_timestamp() + $2 * interval '1 second',
    unique_key = case when unique_key like 'waiting:%' then null else unique_key end
where id = any({ids})
returning id, action, arguments::text, attempt, claim, trace_id, started_at, actor, via, scopes, entry_point,
    priority, run_at,
    coalesce((select kind from actors where subject = actor), 'person') as kind,
    (select display_name from actors where subject = actor) as name
"""
DUE_NOW = f"{PRIORITIES}, due as materialized ({FIRST.format(actions='$3', most='$4')})"
CLAIM = f"with {DUE_NOW} {TAKEN.format(ids='array(select id from due)')}"  # noqa: S608
LOOK = f"with {PRIORITIES} {FIRST.format(actions='$1', most='$2')}"
# Waited for: who sent it may not have committed yet that it is sent.
LOOK_AT_ONE = f"select id, action from executions where {DUE.format(actions='$1')} and id = $2 for update"  # noqa: S608
TAKE = TAKEN.format(ids="$3::uuid[]")
ONE_AT_A_TIME = "select pg_try_advisory_xact_lock(hashtextextended($1, 47))"
RUNNING = "select count(*) from executions where state = 'running' and action = $1"
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
# One that somebody else holds is left to be ended by itself: the others do not wait for it, nor fail with it.
SUCCEED = """
with mine as materialized (
    select e.id, held.output from unnest($1::uuid[], $2::bigint[], $3::text[]) held (id, claim, output)
    join executions e on e.id = held.id and e.claim = held.claim and e.state = 'running'
        and e.cancel_requested_at is null and not e.followed
    for update of e skip locked
)
update executions e set state = 'succeeded', output = mine.output, finished_at = clock_timestamp(), lease_until = null
from mine where e.id = mine.id returning e.id
"""
GIVE_BACK = """
update executions e set state = 'queued', attempt = attempt - 1, lease_until = null, sent_at = null
from unnest($1::uuid[], $2::bigint[]) held (id, claim)
where e.id = held.id and e.claim = held.claim and e.state = 'running'
"""


class Room:
    """How many more of each action may run, within a transaction that claims.

    Of one that is limited, nobody else claims until it ends; where somebody else does, there is no room.
    """

    def __init__(self, driver: Any, known: Sequence[Known]) -> None:
        self._driver, self._limits = driver, {each.action: each.concurrency for each in known}
        self._left: dict[str, int] = {}

    @property
    def actions(self) -> list[str]:
        """Those that there may be room for."""
        return [action for action in self._limits if self._left.get(action, 1) > 0]

    async def is_there_for(self, action: str) -> bool:
        """Return whether one more may run, and count it."""
        limit = self._limits[action]
        if limit is None:
            return True
        if action not in self._left:
            mine = await self._driver.fetchval(ONE_AT_A_TIME, action)
            self._left[action] = limit - await self._driver.fetchval(RUNNING, action) if mine else 0
        self._left[action] -= 1
        return self._left[action] >= 0


class PostgresWork:
    """Rows that are queued or running; what is many times as frequent, their `ending`, by connections of its own."""

    def __init__(self, engine: AsyncEngine, *, ending: AsyncEngine | None = None) -> None:
        self._engine, self._ending = engine, ending or engine
        self._endings = Together(self._succeed_all)

    async def claim(
        self, known: Sequence[Known], *, worker: UUID, lease: float, most: int, only: UUID | None = None
    ) -> list[Claimed]:
        """See `Work`."""
        if only is None and all(each.concurrency is None for each in known):
            actions = [each.action for each in known]
            rows = await fetched(self._engine, CLAIM, worker, lease, actions, most)
        else:
            rows = await self._claim_within_limits(known, only, worker=worker, lease=lease, most=most)
        return [_claimed(row) for row in sorted(rows, key=_place)]  # an update returns its rows in no order

    async def _claim_within_limits(
        self, known: Sequence[Known], only: UUID | None, *, worker: UUID, lease: float, most: int
    ) -> list[Any]:
        """Take what comes first; where an action has its limit, look again without it for what comes next."""
        unit, rows = PostgresUnitOfWork(self._engine), list[Any]()
        async with unit.transaction():
            driver = await unit.driver()
            room = Room(driver, known)
            while len(rows) < most:
                sought = (LOOK, room.actions, most - len(rows)) if only is None else (LOOK_AT_ONE, room.actions, only)
                first = await driver.fetch(*sought)
                taken = [row["id"] for row in first if await room.is_there_for(row["action"])]
                rows += await driver.fetch(TAKE, worker, lease, taken) if taken else []
                if len(taken) == len(first) or only is not None:
                    break
        return rows

    async def beat(self, held: Sequence[Held], *, lease: float | None) -> Mapping[tuple[UUID, int], StopReason]:
        """See `Work`."""
        told = [each for each in held if lease is not None or each.progress is not None]
        if told:
            await fetched(self._engine, BEAT, *_columns(told), [each.progress for each in told], lease)
        rows = await fetched(self._engine, STOPPED, *_columns(held))
        return {(row["id"], row["claim"]): row["why"] for row in rows}

    async def succeed(self, held: Held, *, output: str) -> bool:
        """See `Work`."""
        return await self._endings.give((held, output))

    async def give_back(self, held: Sequence[Held]) -> None:
        """See `Work`."""
        await fetched(self._engine, GIVE_BACK, *_columns(held))
        await fetched(self._engine, RING)

    async def listen(self, hear: Callable[[], None]) -> None:
        """See `Work`."""
        await listen(self._engine, hear)

    async def _succeed_all(self, given: Sequence[tuple[Held, str]]) -> list[bool]:
        held, outputs = [held for held, _ in given], [output for _, output in given]
        ended = {row["id"] for row in await fetched(self._ending, SUCCEED, *_columns(held), outputs)}
        return [each.id in ended for each in held]


def _columns(held: Sequence[Held]) -> tuple[list[UUID], list[int]]:
    return [each.id for each in held], [each.claim for each in held]


def _place(row: Any) -> tuple[int, datetime, UUID]:
    return -row["priority"], row["run_at"], row["id"]


def _claimed(row: Any) -> Claimed:
    caller = Caller(
        actor=row["actor"], via=row["via"], entry_point=row["entry_point"], scopes=frozenset(row["scopes"]),
        kind=row["kind"], name=row["name"],
    )  # fmt: skip
    names = ("id", "action", "arguments", "attempt", "claim", "trace_id", "started_at")
    return Claimed(caller=caller, **{name: row[name] for name in names})
