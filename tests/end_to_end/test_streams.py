"""Ending a server to which many only listen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic

import httpx

from tests.end_to_end.processes import serving

STREAMS = 50
AT_ONCE_SECONDS = 5  # it may take 25 for what is under way


@asynccontextmanager
async def listening(client: httpx.AsyncClient, path: str) -> AsyncIterator[asyncio.Task[bytes]]:
    """A stream of events of which the first has come, and the reading of all others."""
    async with client.stream("GET", path, timeout=60) as answer:
        chunks = answer.aiter_bytes()
        assert b"event: execution" in await anext(chunks)
        yield asyncio.ensure_future(_rest(chunks))


async def _rest(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_a_signal_ends_streams_and_whoever_waits_at_once(enterable: Path) -> None:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(serving(enterable / "streams", ACTIONBUS_WORKERS="0"))
        client = await stack.enter_async_context(service.client())
        client.timeout = httpx.Timeout(60, pool=60)
        path = "/actions/create_space"
        accepted = await client.post(path, json={"name": "Red"}, headers={"prefer": "respond-async"})
        waiting = asyncio.ensure_future(
            client.post(path, json={"name": "Red"}, headers={"prefer": "respond-async, wait=50"})
        )
        path = accepted.headers["location"]
        streams = [await stack.enter_async_context(listening(client, f"{path}/events")) for _ in range(STREAMS)]
        poll = asyncio.ensure_future(client.get(path, headers={"prefer": "wait=50"}))
        while len((await client.get("/actions/list_executions", params={"state": "queued"})).json()["items"]) < 2:
            pass  # the one that is waited for is not there yet

        began = monotonic()
        code = await service.end()

        assert (code, monotonic() - began < AT_ONCE_SECONDS) == (0, True)
        assert [await stream for stream in streams] == [b""] * STREAMS
        assert ((await poll).status_code, (await waiting).status_code) == (200, 202)
