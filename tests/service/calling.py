"""Relays and workers of Celery as processes on a test's database and broker, to be killed and sent away."""

import asyncio
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from service.composition import NOTHING
from tests.brokers import Broker
from tests.parent import with_its_parent
from tests.service.conftest import Bench
from tests.service.test_ledger_invariants import eventually

CHECKOUT = Path(__file__).parents[2]
LEASE_SECONDS = 1.5
CLI = ("-m", "service.cli")


class Processes:
    """What was begun on a broker and a test's database; all of it is gone afterwards."""

    def __init__(self, bench: Bench, broker: Broker) -> None:
        self._bench, self._broker, self._begun = bench, broker, list[Process]()

    async def begin(self, *command: str, piped: bool = False, settings: Mapping[str, object] = NOTHING) -> Process:
        """Begin a process of Python's, in a group of its own."""
        url = self._bench.service.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        said = {
            "database_url": url,
            "actionbus_data": tempfile.mkdtemp(),
            "actionbus_signing_key": self._bench.service.key,
            "actionbus_handlers": "tests.service.probes",
            "actionbus_lease_seconds": LEASE_SECONDS,
            "actionbus_log_level": "error",
            "actionbus_queue": self._broker.url,
        } | {f"actionbus_{name}": value for name, value in settings.items()}
        environment = os.environ | {name.upper(): str(value) for name, value in said.items()}
        process = await asyncio.create_subprocess_exec(
            *with_its_parent(), sys.executable, *command, cwd=CHECKOUT, env=environment, stdin=DEVNULL,
            stdout=PIPE if piped else DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._begun.append(process)
        return process

    async def relay(self, **settings: object) -> Process:
        return await self.begin(*CLI, "relay", settings=settings)

    async def worker(self, *, children: int = 2, **settings: object) -> Process:
        """A worker of Celery's whose processes are on record."""
        process = await self.begin(*CLI, "worker", settings={"worker_executions": children, **settings})

        async def there() -> bool:
            assert process.returncode is None
            seen = await self._bench.rows("select pid from workers")
            return len({pid for (pid,) in seen} & {*children_of(process)}) == children

        await eventually(there, seconds=30)
        return process

    async def end(self) -> None:
        for process in self._begun:
            kill_all_of(process)
            await process.wait()


def children_of(process: Process) -> list[int]:
    """The processes that it has begun and that live."""
    file = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in file.read_text().split()] if file.exists() else []


def kill_all_of(process: Process) -> None:
    """Kill a process and those that it has begun."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@asynccontextmanager
async def calling(bench: Bench, broker: Broker) -> AsyncIterator[Processes]:
    """What can be begun on the broker and the database, while within."""
    processes = Processes(bench, broker)
    try:
        yield processes
    finally:
        await processes.end()
