"""A real search engine for the tests that want one, on a port of this machine alone; `SEARCH_TEST_URL` names another.

The server speaks the protocol of Elasticsearch and keeps what it is told in memory. A door before it can be closed: the
engine is then away, and has everything when it is back.
"""

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import osmem_server

from tests.parent import with_its_parent
from tests.ports import HOST, ports

CHUNK = 65_536


@asynccontextmanager
async def engine_running() -> AsyncIterator[str]:
    """The URL of an engine, which has ended afterwards if it is one of ours."""
    if theirs := os.environ.get("SEARCH_TEST_URL"):
        yield theirs
        return
    with ports(1) as (port,):
        command = (osmem_server.resolve_binary(), "-addr", f"{HOST}:{port}", "-no-ja")
        process = await asyncio.create_subprocess_exec(
            *with_its_parent(), *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(30):
                yield json.loads(await process.stdout.readline())["url"]
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


class Door:
    """The way to an engine; while it is closed, nobody gets through, and who was on the way is lost."""

    def __init__(self, url: str, port: int) -> None:
        self._behind, self.url = urlsplit(url), f"http://{HOST}:{port}"
        self.port, self._under_way = port, set[asyncio.StreamWriter]()
        self._server: asyncio.Server | None = None
        self.requests = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._under_way:
            writer.close()

    async def _serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.requests += 1
        reader, there = await asyncio.open_connection(self._behind.hostname, self._behind.port or 80)
        self._under_way |= {back, there}
        await asyncio.gather(_pump(client, there), _pump(reader, back))
        self._under_way -= {back, there}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def door_to(url: str) -> AsyncIterator[Door]:
    """An open door before an engine."""
    with ports(1) as (port,):
        door = Door(url, port)
        await door.open()
        try:
            yield door
        finally:
            await door.close()
