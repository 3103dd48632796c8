"""The demo's icons imported in the background: watched, killed half-way, cancelled half-way."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from tests.end_to_end.processes import ACTIONBUS, Serving, begin, output, serving

ICONS = 1288
LEASE_SECONDS = "2"


@dataclass
class Importing:
    """A service with an empty kit, and the icons uploaded."""

    served: Serving
    client: httpx.AsyncClient
    kit_id: str
    archive: str

    async def begin(self) -> str:
        """Ask for the import in the background, and return the execution's address."""
        sent = {"kit_id": self.kit_id, "archive": self.archive}
        answer = await self.client.post("/actions/import_assets", json=sent, headers={"prefer": "respond-async"})
        assert answer.status_code == 202, answer.text
        return answer.headers["location"]

    async def record(self, address: str) -> Any:
        answer = await self.client.get(address)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def half_way(self, address: str) -> Any:
        """Poll until half of it is done, or more."""
        async with asyncio.timeout(60):
            while True:
                record = await self.record(address)
                assert record["state"] in ("queued", "running"), record
                if record["progress"] and record["progress"]["done"] >= ICONS / 2:
                    return record
                await asyncio.sleep(0.02)

    async def end(self, address: str) -> Any:
        """Ask again and again, each time for as long as it takes, until it has ended."""
        async with asyncio.timeout(120):
            while (record := await self._waited_for(address))["state"] in ("queued", "running"):
                pass
        return record

    async def _waited_for(self, address: str) -> Any:
        return (await self.client.get(address, headers={"prefer": "wait=20"})).json()

    async def assets(self) -> list[str]:
        """The names of all assets of the kit, each with its section."""
        found, cursor = list[str](), None
        while True:
            page: dict[str, Any] = {"kit_id": self.kit_id, "limit": 200} | ({"cursor": cursor} if cursor else {})
            answer = (await self.client.get("/actions/list_assets", params=page)).json()
            found += [f"{asset['section_id']}/{asset['name']}" for asset in answer["items"]]
            if (cursor := answer["next_cursor"]) is None:
                return found


@pytest.fixture
async def importing(enterable: Path, request: pytest.FixtureRequest) -> AsyncIterator[Importing]:
    async with opened(enterable / request.node.name) as found:
        yield found


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[Importing]:
    spec = find_spec("heroicons")
    assert spec is not None
    assert spec.origin is not None
    icons = Path(spec.origin).parent / "heroicons.zip"
    async with serving(data, ACTIONBUS_LEASE_SECONDS=LEASE_SECONDS) as served, served.client() as client:
        client.timeout = httpx.Timeout(30)
        archive = (await client.post("/files", content=icons.read_bytes())).json()["sha256"]
        space = (await client.post("/actions/create_space", json={"name": "Icons"})).json()
        kit = (await client.post("/actions/create_kit", json={"space_id": space["id"], "name": "Icons"})).json()
        yield Importing(served, client, kit["id"], archive)


async def test_who_polls_who_listens_and_who_sits_at_the_shell_see_how_far_it_is(importing: Importing) -> None:
    address = await importing.begin()
    shell = await begin(importing.served.data, ACTIONBUS, "watch", address.rpartition("/")[2])
    listening = asyncio.ensure_future(_streamed(importing.client, address))
    polled = (await importing.half_way(address))["progress"]
    record = await importing.end(address)

    assert ICONS / 2 <= polled["done"] <= ICONS
    assert polled["total"] >= ICONS
    assert record["state"] == "succeeded"
    assert record["output"]["assets_added"] == ICONS
    streamed = await listening
    done = [each["progress"]["done"] for each in streamed if each["progress"]]
    assert len(done) >= 2
    assert done == sorted(done)
    assert streamed[-1]["state"] == "succeeded"
    said, complaint = await shell.communicate()
    assert (shell.returncode, json.loads(said)) == (0, record["output"]), complaint


async def _streamed(client: httpx.AsyncClient, address: str) -> list[Any]:
    """Each record that is sent, until the stream ends by itself."""
    async with client.stream("GET", f"{address}/events", headers={"accept": "text/event-stream"}) as stream:
        assert stream.status_code == 200
        return [json.loads(line[5:]) async for line in stream.aiter_lines() if line.startswith("data:")]


async def test_an_import_whose_worker_is_killed_half_way_is_made_again_and_leaves_nothing_twice(
    importing: Importing,
) -> None:
    (worker,) = json.loads(await output(importing.served.data, ACTIONBUS, "run", "list_workers"))["items"]
    address = await importing.begin()
    await importing.half_way(address)
    os.kill(worker["pid"], signal.SIGKILL)
    record = await importing.end(address)

    assert (record["state"], record["attempt"], record["output"]["assets_added"]) == ("succeeded", 2, ICONS)
    assert [failure["problem"]["code"] for failure in record["failures"]] == ["worker_lost"]
    names = await importing.assets()
    assert len(names) == len({*names}) == ICONS


async def test_an_import_that_is_cancelled_half_way_leaves_nothing_within_a_second(importing: Importing) -> None:
    address = await importing.begin()
    await importing.half_way(address)
    answer = await importing.client.delete(address)
    answered = monotonic()
    assert answer.status_code == 202, answer.text
    while (record := await importing.record(address))["state"] == "running":
        await asyncio.sleep(0.01)

    assert monotonic() - answered < 1
    assert (record["state"], record["problem"]["code"]) == ("cancelled", "execution_cancelled")
    assert await importing.assets() == []
