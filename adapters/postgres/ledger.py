"""The ledger in PostgreSQL."""

from hashlib import blake2b

from adapters.postgres.queue_statements import queue_from
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.ledger import Entry, IdempotencyKeyInUse, Stored

LOCK = "select pg_try_advisory_xact_lock($1)"
STORED = """
select id, fingerprint, output, problem, run_at is not null as background,
    submitted_at < now() - $4 * interval '1 hour' as expired
from executions where actor = $1 and action = $2 and idempotency_key = $3
"""
RELEASE = "update executions set idempotency_key = null, fingerprint = null where id = $1"
WRITE = """
insert into executions (
    id, action, state, actor, via, scopes, entry_point, arguments, output, problem, idempotency_key, fingerprint,
    parent_id, trace_id, submitted_at, started_at, finished_at, space_id
) values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16,
    coalesce($17, (select space_id from changes where execution_id = $1 and space_id is not null order by id limit 1))
) returning pg_current_xact_id()::text
"""
WRITE_AND_PUT = f"""
with written as ({WRITE}), put as ({queue_from(18)}) select written.* from written
"""  # noqa: S608 - own words


class PostgresLedger:
    """Executions as rows."""

    def __init__(self, unit: PostgresUnitOfWork, *, key_hours: int) -> None:
        self._unit, self._key_hours = unit, key_hours

    async def claim(self, *, actor: str, action: str, key: str) -> Stored | None:
        """See `Ledger`."""
        driver = await self._unit.driver()
        if not await driver.fetchval(LOCK, _lock_of(actor, action, key)):
            raise IdempotencyKeyInUse
        row = await driver.fetchrow(STORED, actor, action, key, self._key_hours)
        if row and row["expired"]:
            await driver.execute(RELEASE, row["id"])
            return None
        return row and Stored(**{name: row[name] for name in Stored.__dataclass_fields__})

    async def write(self, entry: Entry) -> None:
        """See `Ledger`."""
        put = self._unit.postponed.take_one()
        driver = await self._unit.driver()
        self._unit.queued = self._unit.queued or bool(put)
        caller = entry.caller
        self._unit.transaction_id = await driver.fetchval(
            WRITE_AND_PUT if put else WRITE,
            entry.id,
            entry.action,
            entry.state,
            caller.actor,
            caller.via,
            sorted(caller.scopes),
            caller.entry_point,
            entry.arguments,
            entry.output,
            entry.problem,
            entry.key,
            entry.fingerprint,
            entry.parent_id,
            entry.trace_id,
            entry.submitted_at,
            entry.finished_at,
            entry.space_id,
            *put,
        )


def _lock_of(*names: str) -> int:
    digest = blake2b("\0".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
