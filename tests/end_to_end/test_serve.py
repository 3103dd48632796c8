"""What ends a server, and what brings it back."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.postgres.embedded import SUPERUSER, EmbeddedPostgres
from tests.end_to_end.processes import ACTIONBUS, PATIENCE, begin, output, processes_of, serving


async def recorded(data: Path, action: str) -> list[tuple[object, ...]]:
    engine = create_async_engine(EmbeddedPostgres(data).url(SUPERUSER), poolclass=NullPool)
    sql = text("select state, problem::jsonb ->> 'code' from executions where action = :action")
    async with engine.connect() as connection:
        rows = [tuple(row) for row in await connection.execute(sql, {"action": action})]
    await engine.dispose()
    return rows


@pytest.mark.parametrize("command", [("serve", "--port=0"), ("run", "list_spaces")], ids=["serve", "run"])
@pytest.mark.parametrize("after", [0.3, 0.7, 1.1])
async def test_a_signal_while_it_starts_leaves_no_process(
    enterable: Path, command: tuple[str, ...], after: float
) -> None:
    data = enterable / f"begun-{command[0]}-{after}"
    process = await begin(data, ACTIONBUS, *command)
    await asyncio.sleep(after)

    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        _, complaint = await process.communicate()

    assert b"Traceback" not in complaint
    assert processes_of(data) == []


async def test_a_database_that_was_killed_is_started_again(enterable: Path) -> None:
    async with serving(enterable / "killed") as service, service.client() as client:
        postmaster = int((service.data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)

        async with asyncio.timeout(PATIENCE):
            while (await client.get("/health/ready")).status_code != 503:
                await asyncio.sleep(0.02)
            while (await client.get("/health/ready")).status_code != 200:
                await asyncio.sleep(0.05)
        answer = await client.post("/actions/create_space", json={"name": "After"})

    assert answer.status_code == 200


async def test_what_outlasts_the_grace_is_cancelled_undone_and_on_record(enterable: Path) -> None:
    settings = {"ACTIONBUS_HANDLERS": "tests.service.probes", "ACTIONBUS_SHUTDOWN_SECONDS": "1"}
    data = enterable / "outlasted"
    await output(data, ACTIONBUS, "run", "create_space", "--name=Space")
    spaces = httpx.Response(200, text=await output(data, ACTIONBUS, "run", "list_spaces")).json()
    body = {"space_id": spaces["items"][0]["id"], "name": "Parked", "then": "park"}
    async with serving(data, **settings) as service, service.client() as client:
        asked = asyncio.create_task(client.post("/actions/keep_kit", json=body, timeout=PATIENCE))
        await asyncio.sleep(0.5)
        code = await service.end()
        answer = await asked

    assert code == 0
    assert (answer.status_code, answer.json()["code"]) == (503, "execution_cancelled")
    async with serving(data) as service, service.client() as client:
        kits = await client.get("/actions/list_kits", params={"space_id": body["space_id"]})
        rows = await recorded(data, "keep_kit")
    assert kits.json()["items"] == []
    assert rows == [("cancelled", "execution_cancelled")]
    assert processes_of(data) == []
