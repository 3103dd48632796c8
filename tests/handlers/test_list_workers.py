from datetime import timedelta
from uuid import UUID

from adapters.memory.workers import MemoryWorkers
from handlers.list_workers import ListWorkers, WorkersHeardOf
from ports.action import Caller
from ports.workers import WorkerRecord
from service.testing import NEW_YEAR, Trial

WORKER = WorkerRecord(
    id=UUID(int=1),
    host="engine-room",
    pid=7,
    queues=["default"],
    capacity=10,
    running=3,
    stopping=False,
    started_at=NEW_YEAR - timedelta(hours=2),
    seen_at=NEW_YEAR - timedelta(seconds=1),
)


async def test_workers_are_told_with_the_time_at_which_it_was_so() -> None:
    trial = Trial(workers=MemoryWorkers(WORKER, clock=lambda: NEW_YEAR))

    assert await trial.run(ListWorkers) == WorkersHeardOf(items=[WORKER], at=NEW_YEAR)


async def test_where_nobody_works_there_is_none() -> None:
    assert (await Trial().run(ListWorkers)).items == []


def test_it_is_for_operators_and_changes_nothing() -> None:
    assert ListWorkers.readonly
    assert not Caller(actor="ada").may(ListWorkers.permission, operator=ListWorkers.operator)
    assert Caller(actor="ada", scopes=frozenset({"worker.read"})).may(ListWorkers.permission, operator=True)
