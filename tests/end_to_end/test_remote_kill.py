"""A service that is killed with -9 while it is called over the network, and started again: `KILLS=200` as often."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.jwt.identity import SignedIdentity
from ports.library import Kit, Space
from service.database import Database, engine_of
from service.remote.runner import RemoteActionRunner
from tests.conftest import KEY, Cluster
from tests.end_to_end.processes import ACTIONBUS, PATIENCE, begin
from tests.ports import ports

KILLS = int(os.environ.get("KILLS", "6"))
LINGER = """
create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return null; end $$
"""
IN_COMMIT = """
create constraint trigger linger after insert on kits deferrable initially deferred
for each row execute function linger()
"""
COMMITTING = """
select count(*) from pg_stat_activity
where query like '%commit' and wait_event = 'PgSleep' and datname = current_database()
"""
SUCCEEDED = "select count(*) from executions where action = 'create_kit' and state = 'succeeded'"


class Victim:
    """A service on a port of its own, over a PostgreSQL that outlives it."""

    def __init__(self, data: Path, database: Database, port: int) -> None:
        self.data, self.url = data, database.service.render_as_string(hide_password=False)
        self.port = port
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        settings = {"DATABASE_URL": self.url, "ACTIONBUS_SIGNING_KEY": KEY}
        self.process = await begin(self.data, ACTIONBUS, "serve", f"--port={self.port}", **settings)
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert b"is ready" in await self.process.stdout.readline()

    async def kill(self) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.communicate()


@asynccontextmanager
async def victim_of(data: Path, database: Database) -> AsyncIterator[Victim]:
    with ports(1) as (port,):
        victim = Victim(data, database, port)
        await victim.start()
        try:
            yield victim
        finally:
            await victim.kill()


async def number(engine: AsyncEngine, sql: str) -> int:
    async with engine.connect() as connection:
        return int((await connection.exec_driver_sql(sql)).scalar_one())


async def committing(engine: AsyncEngine) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await number(engine, COMMITTING):
            await asyncio.sleep(0)


async def test_every_call_has_one_effect_however_often_the_service_is_killed(
    tmp_path: Path, cluster: Cluster, database: Database
) -> None:
    await cluster.run(LINGER, IN_COMMIT, database=str(database.service.database))
    engine, random = engine_of(database.service, pool=1), Random(1)
    kits: list[Kit] = []
    killed = unanswered = 0
    token = SignedIdentity(KEY).token(actor="owner", scopes="*", at=datetime.now(UTC), lifetime=timedelta(hours=1))
    async with (
        victim_of(tmp_path, database) as victim,
        RemoteActionRunner(f"http://127.0.0.1:{victim.port}", token=token, timeout=60) as remote,
    ):
        space = await remote.execute("create_space", {"name": "Design"}, returns=Space)
        while killed < KILLS:
            asked = {"space_id": space.id, "name": f"Kit {len(kits)}"}
            call = asyncio.create_task(remote.execute("create_kit", asked, returns=Kit))
            if killed % 2:  # its commit goes on, and nobody answers
                await committing(engine)
            else:  # wherever it may be
                await asyncio.sleep(random.random() * 0.03)
            killed += not call.done()
            await victim.kill()
            await victim.start()
            unanswered += not call.done() and await number(engine, SUCCEEDED) > len(kits)
            kits.append(await call)

    assert len({kit.id for kit in kits}) == len(kits) >= KILLS
    assert await number(engine, "select count(*) from kits") == len(kits)
    assert await number(engine, SUCCEEDED) == len(kits)
    assert await number(engine, "select count(*) from changes where entity_kind = 'kit'") == len(kits)
    assert unanswered > 0
    await engine.dispose()
