"""A server on loopback that answers as a test asks, and counts what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from pydantic_core import to_json

Answering = Callable[["Request"], Awaitable[bytes | None]]


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Loopback:
    """`answering` returns the bytes of an answer; None closes the connection without one."""

    answering: Answering
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    open: set[asyncio.StreamWriter] = field(default_factory=set)
    most: int = 0
    listening: asyncio.Server | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Listen no more, and close what is open."""
        assert self.listening
        self.listening.close()
        for writer in [*self.open]:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        self.most = max(self.most, len(self.open))
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                request = await _read(reader)
                self.requests.append(request)
                answered = await self.answering(request)
                if answered is None:
                    break
                writer.write(answered)
                await writer.drain()
        self.open.discard(writer)
        writer.close()

    def asked(self, target: str) -> list[Request]:
        return [request for request in self.requests if request.target.partition("?")[0] == target]


def http(status: int, body: bytes | object = b"", **headers: object) -> bytes:
    """An answer; what is no bytes is JSON."""
    content = body if isinstance(body, bytes) else to_json(body)
    said = {"content_length": len(content), "content_type": "application/json"} | headers
    lines = [f"HTTP/1.1 {status} So", *(f"{name.replace('_', '-')}: {value}" for name, value in said.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


@asynccontextmanager
async def loopback(answering: Answering) -> AsyncIterator[Loopback]:
    server = Loopback(answering)
    server.listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = server.listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server.stop()


async def _read(reader: asyncio.StreamReader) -> Request:
    head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    method, target, _ = head.split(" ")
    return Request(
        method=method,
        target=target,
        headers=headers,
        body=await reader.readexactly(int(headers.get("content-length", 0))),
    )
