"""Real brokers for the tests that want one, each on ports of this machine alone, in a folder of its own."""

import asyncio
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from tests.parent import with_its_parent
from tests.ports import HOST, ports

PATIENCE = 60
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # Debian's command of that name becomes another user first


class Broker:
    """A broker that can be stopped, killed, and started again where it was."""

    takes_ports = 1

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """The address as `ACTIONBUS_QUEUE` has it."""
        raise NotImplementedError

    @staticmethod
    def missing() -> str | None:
        """What is not installed that it takes, if anything."""
        raise NotImplementedError

    async def start(self) -> None:
        self._process = await self._begin(*self.command(), port=self.port)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await _end(self._process, signal.SIGKILL)

    async def stop(self) -> None:
        await _end(self._process, signal.SIGTERM)

    def command(self) -> tuple[str, ...]:
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        return {}

    async def _begin(self, *command: str, port: int) -> Process:
        with (self.folder / f"{port}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *with_its_parent(), *command, stdin=DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, **self.environment()},
            )  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            while not await self._answers(port) or process.returncode is not None:
                assert process.returncode is None, (self.folder / f"{port}.log").read_text()[-2000:]
                await asyncio.sleep(0.1)
        return process

    async def _answers(self, port: int) -> bool:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


class Redis(Broker):
    """Redis, that keeps on disk what it was sent."""

    appends = "yes"

    @property
    def url(self) -> str:
        return f"celery+redis://{HOST}:{self.port}/0"

    @staticmethod
    def missing() -> str | None:
        return None if shutil.which("redis-server") else "redis-server"

    def command(self) -> tuple[str, ...]:
        kept = ("--appendonly", self.appends, "--appendfsync", "always")
        address = ("--bind", HOST, "--port", str(self.port), "--dir", str(self.folder), "--save", "")
        return ("redis-server", *address, *kept)


class Forgetful(Redis):
    """Redis, that has forgotten everything when it is started again."""

    appends = "no"


class RabbitMQ(Broker):
    """RabbitMQ, and the daemon that it is found by, which is started first and stopped last."""

    takes_ports = 3

    def __init__(self, folder: Path, port: int, names_port: int, nodes_port: int) -> None:
        super().__init__(folder, port)
        self._names_port, self._nodes_port = names_port, nodes_port
        self._names: Process | None = None

    @property
    def url(self) -> str:
        return f"celery+amqp://guest:guest@{HOST}:{self.port}//"

    @staticmethod
    def missing() -> str | None:
        there = RABBITMQ.exists() and os.access(RABBITMQ, os.X_OK) and shutil.which("epmd")
        return None if there else "rabbitmq-server"

    async def start(self) -> None:
        if self._names is None:
            names = ("epmd", "-address", HOST, "-port", str(self._names_port))
            self._names = await self._begin(*names, port=self._names_port)
        await super().start()

    async def stop(self) -> None:
        await super().stop()
        await _end(self._names, signal.SIGTERM)
        self._names = None

    def command(self) -> tuple[str, ...]:
        return (str(RABBITMQ),)

    def environment(self) -> Mapping[str, str]:
        return {
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": str(self._names_port),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_DIST_PORT": str(self._nodes_port),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_NODENAME": f"tests-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_PID_FILE": str(self.folder / "rabbitmq.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
        }


Kind = TypeVar("Kind", bound=Broker)


@asynccontextmanager
async def running(kind: type[Kind]) -> AsyncIterator[Kind]:
    """A broker that runs, until it is left."""
    with (
        tempfile.TemporaryDirectory(prefix="actionbus-broker-", ignore_cleanup_errors=True) as folder,
        ports(kind.takes_ports) as held,
    ):
        started = kind(Path(folder), *held)
        try:
            await started.start()
            yield started
        finally:
            await started.stop()


async def _end(process: Process | None, number: signal.Signals) -> None:
    """Send a signal to it and to all that it began, and wait."""
    if process is not None and process.returncode is None:
        os.killpg(process.pid, number)
        async with asyncio.timeout(PATIENCE):
            await process.wait()
