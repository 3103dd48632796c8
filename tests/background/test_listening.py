"""When a worker listens for what is queued, and when it looks for it by itself."""

import asyncio
from uuid import UUID

import pytest

from adapters.memory.store import MemoryStore
from ports.action import Caller
from ports.ledger import State
from service.background.worker import BUSY_CLAIMS
from service.runner import ActionRunner
from service.settings import Settings
from tests.background.engine import SECONDS
from tests.background.memory_service import MemoryService
from tests.service.at_work import at_work


@pytest.fixture
def service(settings: Settings) -> MemoryService:
    one = {"handlers": "tests.background.probes", "worker_executions": 1}
    return MemoryService(settings.model_copy(update=one), MemoryStore())


async def test_a_worker_that_always_finds_something_hangs_up_and_listens_again_when_it_does_not(
    service: MemoryService,
) -> None:
    runner, listens = ActionRunner(service, Caller(actor="owner")), service.store.listens

    def state(id: UUID) -> State | None:
        entry = service.store.entry(id)
        return entry.state if entry else None

    async def becomes(*, listening: bool) -> None:
        async with asyncio.timeout(SECONDS):
            while bool(listens) is not listening:
                await asyncio.sleep(0)

    async with at_work(service):
        await becomes(listening=True)
        queued = [await runner.enqueue("give", {}) for _ in range(10 * BUSY_CLAIMS)]
        await becomes(listening=False)
        await becomes(listening=True)
        assert {state(each) for each in queued} == {"succeeded"}

        last = await runner.enqueue("give", {})
        async with asyncio.timeout(0.4):  # it is told: until it looks by itself is longer
            while state(last) != "succeeded":
                await asyncio.sleep(0)
    assert not listens
    await service.close()
