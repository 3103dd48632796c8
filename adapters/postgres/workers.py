"""The record of workers in PostgreSQL."""

from uuid import UUID

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.workers import WorkerRecord

SEE = """
insert into workers (id, host, pid, queues, capacity, running, stopping, started_at, seen_at)
values ($1, $2, $3, $4, $5, $6, $7, now(), now())
on conflict (id) do update set running = $6, stopping = $7, seen_at = now()
"""
LEAVE = "delete from workers where id = $1 or seen_at < now() - interval '1 day'"
ALL = "select * from workers where seen_at > now() - interval '1 day' order by started_at desc, id"


class PostgresWorkers:
    """Workers as rows."""

    def __init__(self, unit: PostgresUnitOfWork) -> None:
        self._unit = unit

    async def see(self, worker: WorkerRecord) -> None:
        """See `Workers`."""
        said = (worker.id, worker.host, worker.pid, worker.queues, worker.capacity, worker.running, worker.stopping)
        await (await self._unit.driver()).execute(SEE, *said)

    async def leave(self, worker: UUID) -> None:
        """See `Workers`."""
        await (await self._unit.driver()).execute(LEAVE, worker)

    async def all(self) -> list[WorkerRecord]:
        """See `Workers`."""
        return [WorkerRecord(**row) for row in await (await self._unit.driver()).fetch(ALL)]
