"""A service that serves on loopback, in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from service.composition import Service
from service.http.app import create_app
from service.serve import KEEP_ALIVE_SECONDS, Server


@asynccontextmanager
async def served(service: Service, *, port: int = 0) -> AsyncIterator[str]:
    """Yield its address, at a free port unless another is given."""
    started = asyncio.Event()

    async def ready() -> None:
        started.set()

    config = uvicorn.Config(
        create_app(service), log_config=None, lifespan="off", ws="none", timeout_keep_alive=KEEP_ALIVE_SECONDS
    )
    server = Server(config, ready, stopping=service.watch.close)
    with socket.create_server(("127.0.0.1", port)) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await started.wait()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
