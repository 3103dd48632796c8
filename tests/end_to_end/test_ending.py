"""Ending a service in the middle of everything, again and again: it ends in time, and nothing is lost."""

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from tests.end_to_end.processes import Serving, serving
from tests.end_to_end.test_streams import STREAMS, listening

ENDINGS = int(os.environ.get("ENDINGS", "2"))
EACH = 10
SHUTDOWN_SECONDS = 1
SETTINGS = {
    "ACTIONBUS_HANDLERS": "tests.end_to_end.slow",
    "ACTIONBUS_SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS),
    "ACTIONBUS_WORKER_EXECUTIONS": "20",
}
UNWINDING_SECONDS = 9  # what outlasts its grace is cancelled and given back, and PostgreSQL is stopped


async def test_whatever_a_service_does_when_it_is_ended_nothing_is_lost(enterable: Path) -> None:
    accepted, answered = list[str](), dict[str, int]()
    for ending in range(ENDINGS):
        async with AsyncExitStack() as stack:
            served = await stack.enter_async_context(serving(enterable / "ending", **SETTINGS))
            client = await stack.enter_async_context(served.client())
            client.timeout = httpx.Timeout(60, pool=60)
            accepted += [await _later(client, f"later {ending} {number}") for number in range(EACH)]
            now = {
                f"now {ending} {number}": asyncio.ensure_future(_now(client, ending, number)) for number in range(EACH)
            }
            await _running(client, EACH)
            streams = [
                await stack.enter_async_context(listening(client, f"{accepted[-1]}/events")) for _ in range(STREAMS)
            ]
            await _end_in_time(served)
            await asyncio.gather(*streams)
            answered |= {name: await status for name, status in now.items()}

    async with serving(enterable / "ending", **SETTINGS) as served, served.client() as client:
        client.timeout = httpx.Timeout(60)  # what was given back at each ending is run now, twenty at a time
        records = [await _ended(client, address) for address in accepted]
        assert {record["state"] for record in records} == {"succeeded"}
        spaces = await _spaces(client)
        assert len(spaces) == len({*spaces})
        assert {name for name in spaces if name.startswith("later")} == {r["output"]["name"] for r in records}
        assert {name for name in spaces if name.startswith("now")} == {
            n for n, status in answered.items() if status == 200
        }
        assert {*answered.values()} <= {200, 503}


async def _later(client: httpx.AsyncClient, name: str) -> str:
    sent = {"name": name, "seconds": 2.5}
    answer = await client.post("/actions/take_time", json=sent, headers={"prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


async def _now(client: httpx.AsyncClient, ending: int, number: int) -> int:
    """Some of them end in time."""
    sent = {"name": f"now {ending} {number}", "seconds": 0.5 * number}
    return (await client.post("/actions/take_time", json=sent)).status_code


async def _running(client: httpx.AsyncClient, count: int) -> None:
    async with asyncio.timeout(30):
        while len((await _read(client, "list_executions", state="running", limit=200))["items"]) < count:
            await asyncio.sleep(0.02)


async def _end_in_time(served: Serving) -> None:
    began = monotonic()
    assert await served.end() == 0
    assert monotonic() - began < SHUTDOWN_SECONDS + UNWINDING_SECONDS


async def _ended(client: httpx.AsyncClient, address: str) -> Any:
    async with asyncio.timeout(60):
        while True:
            record = (await client.get(address, headers={"prefer": "wait=20"})).json()
            if record["state"] not in ("queued", "running"):
                return record


async def _spaces(client: httpx.AsyncClient) -> list[str]:
    names, cursor = list[str](), None
    while True:
        page = await _read(client, "list_spaces", limit=200, **({"cursor": cursor} if cursor else {}))
        names += [space["name"] for space in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            return names


async def _read(client: httpx.AsyncClient, action: str, **arguments: Any) -> Any:
    answer = await client.get(f"/actions/{action}", params=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()
