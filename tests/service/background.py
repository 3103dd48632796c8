"""A service of probes and real actions whose work is in the background, and workers in the same process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from service.background.worker import Worker
from service.composition import PORTS
from service.registry import Registry
from tests.conftest import client_of
from tests.service.conftest import Bench
from tests.service.test_ledger_invariants import eventually

REAL = Registry.found_in("handlers", PORTS)


def with_real_actions(bench: Bench) -> Bench:
    """The same, and the real actions beside its probes."""
    bench.service.registry = Registry({**dict(REAL.all()), **dict(bench.service.registry.all())})
    return bench


@asynccontextmanager
async def worker(bench: Bench) -> AsyncIterator[Worker]:
    """A worker in this process, which has ended afterwards."""
    stopping = asyncio.Event()
    begun = Worker(bench.service)
    running = asyncio.ensure_future(begun.run(stopping))
    try:
        yield begun
    finally:
        stopping.set()
        await running


async def send(
    client: httpx.AsyncClient, action: str, prefer: str | None, arguments: object, **headers: str
) -> httpx.Response:
    """Ask for an action with a preference."""
    said = headers | ({} if prefer is None else {"prefer": prefer})
    named = {name.replace("_", "-"): value for name, value in said.items()}
    return await client.post(f"/actions/{action}", json=arguments, headers=named)


async def queued(bench: Bench, **arguments: object) -> str:
    """The id of a kit's keeping that waits for a worker."""
    async with client_of(bench.service) as client:
        answer = await send(client, "keep_kit", "respond-async", {"space_id": str(bench.space_id), **arguments})
    assert answer.status_code == 202, answer.text
    accepted: Any = answer.json()
    return str(accepted["id"])


async def reached(bench: Bench, execution_id: str, state: str) -> None:
    """Return once the execution is in that state."""

    async def is_there() -> bool:
        return await bench.rows(f"select state from executions where id = '{execution_id}'") == [(state,)]

    await eventually(is_there)
