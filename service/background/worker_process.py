"""The process of a worker, and those that `serve` has beside it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import click

from adapters.structlog.logger import configure_log, unbound_log
from service.background.broker import become_celery, broker_of
from service.background.queues import wanted_queues
from service.background.worker import Worker
from service.collecting import keep_what_is_there
from service.composition import Service, open_service
from service.registry import Registry
from service.settings import Misconfigured, Settings, load_settings
from service.shell import SIGNALS, exit_with, run_async

RESTART_SECONDS = 1.0
GRACE_SECONDS = 10.0  # beyond what the worker itself gives what it runs


def run_worker(*, until_eof: bool, **flags: Any) -> None:
    """Work until a signal, then finish what is under way, or give it back; with a broker, as a worker of Celery's."""
    try:
        settings = load_settings(**flags)
        if broker_of(settings) is not None:
            become_celery(settings)
    except Misconfigured as error:
        raise exit_with(str(error)) from None
    run_async(work_until_stopped(settings, lambda service: Worker(service).run, until_eof=until_eof, name="worker"))


async def work_until_stopped(
    settings: Settings,
    make: Callable[[Service], Callable[[asyncio.Event], Awaitable[None]]],
    *,
    until_eof: bool,
    name: str,
) -> None:
    """Run what `make` makes of the service until a signal, or until standard input ends."""
    log_as(settings)
    stopping = asyncio.Event()
    async with open_service(settings) as service:
        work, loop = make(service), asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, stopping.set)
        if until_eof:
            await loop.connect_read_pipe(lambda: _Lifeline(stopping), sys.stdin)
        else:
            click.echo(f"The {name} is ready.")
        keep_what_is_there()
        await work(stopping)


def log_as(settings: Settings) -> None:
    """Write the log as the settings say."""
    readable = settings.log_format == "readable" or (settings.log_format == "auto" and sys.stderr.isatty())
    configure_log(level=settings.log_level, readable=readable)


class _Lifeline(asyncio.Protocol):
    """Standard input, which ends when the process that began this one does, however it ends."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self._stopping.set()


@asynccontextmanager
async def workers_beside(settings: Settings, registry: Registry) -> AsyncIterator[None]:
    """Have workers of their own processes while within, or one relay if there is a broker; who dies is begun again.

    Raise `Misconfigured` for queues that no action is in.
    """
    wanted_queues(settings, registry)
    count = int(settings.embedded) if settings.workers is None else settings.workers
    if broker_of(settings) is not None:
        count = 1
    stopping = asyncio.Event()
    kept = [asyncio.ensure_future(_keep_one(settings, stopping)) for _ in range(count)]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*kept, return_exceptions=True)


async def _keep_one(settings: Settings, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        process = await _begun(settings)
        ended = asyncio.ensure_future(process.wait())
        stopped = asyncio.ensure_future(stopping.wait())
        await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        if not stopping.is_set():
            unbound_log().error("worker.ended", pid=process.pid, code=process.returncode)
            stopped.cancel()
            await asyncio.sleep(RESTART_SECONDS)
    await _end(process, settings.shutdown_seconds + GRACE_SECONDS)


async def _begun(settings: Settings) -> Process:
    said: Mapping[str, str] = {"ACTIONBUS_DATA": str(settings.data), "ACTIONBUS_LOG_LEVEL": settings.log_level}
    duty = "worker" if broker_of(settings) is None else "relay"
    command = (sys.executable, "-m", "service.cli", duty, "--until-eof")
    # In a session of its own: Ctrl-C is for `serve`, which then ends it.
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, env=os.environ | said, start_new_session=True)


async def _end(process: Process, seconds: float) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
