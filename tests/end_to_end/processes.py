"""Real processes of the service and its command line, on data of their own."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.parent import with_its_parent

CHECKOUT = Path(__file__).parents[2]
ACTIONBUS = str(Path(sys.prefix) / "bin" / "actionbus")
STAND_IN = Path(__file__).parent / "stand_in"
PATIENCE = 60


@dataclass(frozen=True, kw_only=True)
class Serving:
    """A service that is ready: its process, its address, and what it said until then."""

    process: Process
    address: str
    said: str
    data: Path

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        token = (await output(self.data, ACTIONBUS, "token")).strip()
        async with httpx.AsyncClient(base_url=self.address, headers={"authorization": f"Bearer {token}"}) as client:
            yield client


def environment(data: Path, **settings: str) -> dict[str, str]:
    path = f"{os.environ['PATH']}:{STAND_IN}"
    return {**os.environ, "PATH": path, "ACTIONBUS_DATA": str(data), "ACTIONBUS_LOG_LEVEL": "error", **settings}


async def begin(data: Path, *command: str, **settings: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *with_its_parent(), *command, cwd=CHECKOUT, env=environment(data, **settings), stdin=DEVNULL,
        stdout=PIPE, stderr=PIPE,
    )  # fmt: skip


async def output(data: Path, *command: str) -> str:
    """What a command prints that ends well and complains of nothing."""
    process = await begin(data, *command)
    said, complaint = await process.communicate()
    assert (process.returncode, complaint.decode()) == (0, "")
    return said.decode()


@asynccontextmanager
async def serving(data: Path, *flags: str, until: str = "is ready", **settings: str) -> AsyncIterator[Serving]:
    process = await begin(data, ACTIONBUS, "serve", "--port=0", *flags, **settings)
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while until not in said:
                line = await process.stdout.readline()
                assert line, (await process.communicate())[1].decode()
                said += line.decode()
        address = said.partition(" on ")[2].partition(",")[0]
        yield Serving(process=process, address=address, said=said, data=data)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


def processes_of(data: Path) -> list[str]:
    """The command lines of the processes that name a folder below the data."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended meanwhile
            continue
        found += [words] if str(data) in words else []
    return found
