"""A worker in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.background.worker import Worker
from service.composition import Service


@asynccontextmanager
async def at_work(service: Service) -> AsyncIterator[Worker]:
    """Have a worker while within; what it runs then is ended or given back."""
    stopping, worker = asyncio.Event(), Worker(service)
    working = asyncio.create_task(worker.run(stopping))
    try:
        yield worker
    finally:
        stopping.set()
        await working
