"""List the workers."""

from dataclasses import dataclass
from datetime import datetime

from ports.action import ActionHandler
from ports.workers import WorkerRecord, Workers


@dataclass(frozen=True, kw_only=True)
class WorkersHeardOf:
    """The workers, those that began last first, and when this was so: `seen_at` is when each was last heard of."""

    items: list[WorkerRecord]
    at: datetime


class ListWorkers(ActionHandler, permission="worker.read", readonly=True, operator=True):
    """List the workers that were heard of within a day: where each runs, what it takes, and how much of it.

    One that was not heard of for some seconds is gone, or cannot reach the database; one that is `stopping` takes
    nothing more. No queues are all of them.
    """

    workers: Workers

    async def execute(self) -> WorkersHeardOf:
        return WorkersHeardOf(items=await self.workers.all(), at=self.execution.at)
