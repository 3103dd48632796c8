"""The brokers that Celery needs, each started on free ports of this machine alone, and stopped afterwards."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
STARTS_SECONDS = 60
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # Debian's command of that name becomes another user first


@contextmanager
def redis(folder: Path) -> Iterator[str | None]:
    """Yield the address of a Redis that keeps what it was sent, or None where it is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    port = _free_port()
    options = ("--bind", HOST, "--port", str(port), "--dir", str(folder), "--appendonly", "yes", "--save", "")
    with _running([program, *options], log=folder / "redis.log", port=port):
        yield f"redis://{HOST}:{port}/0"


@contextmanager
def rabbitmq(folder: Path) -> Iterator[str | None]:
    """Yield the address of a RabbitMQ, or None where it is not installed."""
    names = shutil.which("epmd")
    program = str(RABBITMQ) if RABBITMQ.exists() else shutil.which("rabbitmq-server")
    if program is None or names is None:
        yield None
        return
    port, names_port = _free_port(), _free_port()
    with (
        _running([names, "-address", HOST, "-port", str(names_port)], log=folder / "epmd.log", port=names_port),
        _running([program], log=folder / "rabbitmq.log", port=port, more=_settings(folder, port, names_port)),
    ):
        yield f"amqp://guest:guest@{HOST}:{port}//"


def _settings(folder: Path, port: int, names_port: int) -> Mapping[str, str]:
    return {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(names_port),
        "ERL_EPMD_ADDRESS": HOST,
        "RABBITMQ_NODENAME": f"benchmark-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": HOST,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(_free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
    }


@contextmanager
def _running(command: list[str], *, log: Path, port: int, more: Mapping[str, str] | None = None) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the commands above
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env={**os.environ, **(more or {})}
        )
    try:
        _wait_for(port, process, log)
        yield
    finally:
        process.terminate()
        process.wait(STARTS_SECONDS)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} does not answer on port {port}: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
