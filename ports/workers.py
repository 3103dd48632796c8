"""The workers there are, by what was last heard of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class WorkerRecord:
    """A worker, as it was last heard of."""

    id: UUID
    host: str
    pid: int
    queues: list[str]
    capacity: int
    running: int
    stopping: bool
    started_at: datetime
    seen_at: datetime


class Workers(Protocol):
    """The record of workers, within the transaction of the unit of work."""

    async def see(self, worker: WorkerRecord) -> None:
        """Put the worker on record as it is now; its times are taken from the database's clock."""
        ...

    async def leave(self, worker: UUID) -> None:
        """Take the worker off the record."""
        ...

    async def all(self) -> list[WorkerRecord]:
        """Return the workers heard of within a day, those that began last first."""
        ...
