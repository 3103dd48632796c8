"""Serving HTTP until a signal ends it."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import uvicorn

from adapters.structlog.logger import configure_log
from service.background.worker_process import workers_beside
from service.collecting import keep_what_is_there
from service.composition import open_service
from service.demo import import_icons
from service.http.app import create_app
from service.http.protocol import protocol_with
from service.settings import Misconfigured, Settings, load_settings
from service.shell import SIGNALS, run_async

KEEP_ALIVE_SECONDS = 65  # longer than clients keep an idle connection, so that none is closed under a request


def run_server(*, demo: bool, **flags: Any) -> None:
    """Serve until a signal, then finish what is under way and leave nothing behind."""
    run_async(_serve(demo=demo, flags=flags))


async def _serve(*, demo: bool, flags: dict[str, Any]) -> None:
    settings = load_settings(**flags)
    readable = settings.log_format == "readable" or (settings.log_format == "auto" and sys.stderr.isatty())
    quiet = demo and "log_level" not in settings.model_fields_set  # what the demo says is to be read
    configure_log(level="warning" if quiet else settings.log_level, readable=readable)
    async with open_service(settings) as service, workers_beside(settings, service.registry):
        listening = _listening(settings)
        address = f"http://{settings.host}:{listening.getsockname()[1]}"

        async def ready() -> None:
            click.echo(f"Actionbus is ready on {address}, its documentation on {address}/docs")
            keep_what_is_there()
            if demo:
                await import_icons(service, address)

        config = uvicorn.Config(
            create_app(service),
            http=protocol_with(max_header_bytes=settings.max_header_bytes, receive_seconds=settings.receive_seconds),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=settings.shutdown_seconds,
        )
        server = Server(config, ready, stopping=service.watch.close)
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
        await server.serve(sockets=[listening])


class Server(uvicorn.Server):
    """A server that says when it is ready, and ends when all that it began has ended; `stopping` is called first."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], Awaitable[None]], *, stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready, self._stopping = ready, stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and then go on with what is to be done once requests are answered."""
        await super().startup(sockets)
        self._after = asyncio.ensure_future(self._ready())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what goes on beside the requests, and then them: first those that only wait for news."""
        self._stopping()
        self._after.cancel()
        await asyncio.gather(self._after, return_exceptions=True)
        await super().shutdown(sockets)
        # What has outlasted the grace is cancelled; its rows are written while the database is there.
        left = list(self.server_state.tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to who called: raised once more, as uvicorn does, they would end the process at once."""
        yield


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]  # Python 3.11 puts the address behind it once more
        raise Misconfigured(
            f"Port {settings.port} on {settings.host} cannot be used ({reason}); choose another with --port."
        ) from None
