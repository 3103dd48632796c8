"""Worker processes on a test's database, to be killed, stopped and sent away."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from tests.parent import with_its_parent
from tests.service.conftest import Bench

LEASE_SECONDS = 1.5
ROW = "select state, attempt, claim, output, problem::jsonb ->> 'code', failures::text from executions"


async def begin_worker(bench: Bench, **settings: object) -> Process:
    """A worker's process, which will be ready."""
    url = bench.service.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    said = {
        "database_url": url,
        "actionbus_data": tempfile.mkdtemp(),
        "actionbus_signing_key": bench.service.key,
        "actionbus_handlers": "tests.service.probes",
        "actionbus_lease_seconds": LEASE_SECONDS,
        "actionbus_log_level": "error",
    } | {f"actionbus_{name}": value for name, value in settings.items()}
    environment = os.environ | {name.upper(): str(value) for name, value in said.items()}
    command = (*with_its_parent(), sys.executable, "-m", "service.cli", "worker")
    return await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[2], env=environment, stdout=PIPE)


async def ready(process: Process) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert await process.stdout.readline() == b"The worker is ready.\n"


@asynccontextmanager
async def working(bench: Bench, **settings: object) -> AsyncIterator[Process]:
    """A worker that is gone afterwards, however the test ended."""
    process = await begin_worker(bench, **settings)
    try:
        await ready(process)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def always_working(bench: Bench, **settings: object) -> AsyncIterator[list[Process]]:
    """A worker that is begun again whenever it has died; all there have been so far."""
    begun = [await begin_worker(bench, **settings)]

    async def begin_again() -> None:
        while True:
            await begun[-1].wait()
            begun.append(await begin_worker(bench, **settings))

    keeping = asyncio.ensure_future(begin_again())
    try:
        await ready(begun[0])
        yield begun
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        for process in begun:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def row_of(bench: Bench, execution_id: UUID) -> tuple[object, ...]:
    """State, attempt, claim, output, problem's code and earlier failures of an execution."""
    return (await bench.rows(f"{ROW} where id = '{execution_id}'"))[0]


async def state_of(bench: Bench, execution_id: UUID) -> object:
    return (await row_of(bench, execution_id))[0]


async def ended(bench: Bench, *ids: UUID) -> bool:
    listed = ", ".join(f"'{each}'" for each in ids)
    left = await bench.rows(f"select 1 from executions where id in ({listed}) and state in ('queued', 'running')")
    return not left
