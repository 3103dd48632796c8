"""When a worker listens for what is queued, and when it looks for it by itself."""

import asyncio

import pytest

from adapters.memory.store import MemoryStore
from ports.action import Caller
from service.background.worker import BUSY_CLAIMS
from service.runner import ActionRunner
from service.settings import Settings
from tests.background.engine import until
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

    async def listening() -> bool:
        return bool(listens)

    async def deaf() -> bool:
        return not listens

    async with at_work(service):
        await until(listening)
        queued = [await runner.enqueue("give", {}) for _ in range(BUSY_CLAIMS + 5)]
        await until(deaf)
        await until(listening)
        assert {service.store.entry(each).state for each in queued} == {"succeeded"}

        last = await runner.enqueue("give", {})
        async with asyncio.timeout(0.4):  # it is told: until it looks by itself is longer
            while service.store.entry(last).state != "succeeded":
                await asyncio.sleep(0)
    assert not listens
    await service.close()
