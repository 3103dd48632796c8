"""HTTP/1.1 as uvicorn reads it, but that what it refuses itself is a problem, too, and headers have a limit."""

from asyncio import TimerHandle
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ports.problem import Problem
from service.http.limits import HeadersTooLarge, RequestTimedOut
from service.http.problems import MEDIA_TYPE, BadRequest

LINGER_SECONDS = 2.0


def protocol_with(*, max_header_bytes: int, receive_seconds: float) -> type[HttpToolsProtocol]:
    """Return the protocol with so many bytes of address and headers, at most, and so much patience."""
    limits = {"max_header_bytes": max_header_bytes, "receive_seconds": receive_seconds}
    return type("Protocol", (ProblemProtocol,), limits)


class ProblemProtocol(HttpToolsProtocol):
    """What cannot be read as HTTP, or does not arrive in time, is answered with a problem, and its connection closed.

    All headers of a request arrive within `receive_seconds`, and the next of its body within as many. A request that
    comes whole, as most do, needs no timer.
    """

    max_header_bytes = 65_536
    receive_seconds = 30.0
    _unfinished = True
    _late: TimerHandle | None = None
    _header_bytes = 0
    _unread_bytes = 0
    _in_body = False
    _refused = False
    _lingering: TimerHandle | None = None
    _problem: Problem = BadRequest()

    def data_received(self, data: bytes) -> None:
        """Read on, unless something was refused."""
        if self._refused:
            return
        self._unread_bytes += len(data)
        super().data_received(data)
        if self._unread_bytes > self.max_header_bytes and not self._refused:  # the parser keeps what has no end yet
            self._problem = HeadersTooLarge(limit=self.max_header_bytes)
            self.send_400_response("")
        self._wait_for_more()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._header_bytes, self._unfinished = 0, True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._count(name, value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin with the request."""
        super().on_headers_complete()
        self._unread_bytes, self._in_body = 0, True
        self.cycle.transport = self._gentle

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._unread_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Have all of the request."""
        self._unread_bytes, self._in_body, self._unfinished = 0, False, False
        super().on_message_complete()

    def connection_made(self, transport: Any) -> None:
        """Take a connection."""
        super().connection_made(transport)
        self._wait_for_more()
        self._gentle: Any = GentleTransport(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of all that the connection held: not in 2 seconds, and not when its garbage is collected."""
        for timer in (self._lingering, self._late):
            if timer is not None:
                timer.cancel()
        if self.cycle is not None:
            self.cycle.transport, self.cycle.body = self.transport, bytearray()
        super().connection_lost(exc)
        self._gentle = None

    def close_gently(self) -> None:
        """Close, but not before the client has read the answer: with bytes unread, the connection would be reset."""
        self._refused = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._lingering = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    @property
    def in_body(self) -> bool:
        """Whether a request has begun whose body has not ended."""
        return self._in_body

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words, in their place a problem
        """Answer what was refused, whatever its status is, and close the connection."""
        self._refused = True
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering and not self._in_body:
            self.cycle.keep_alive = False  # the request before this one is answered, and nothing after it
        elif self._in_body and (self.pipeline or self.cycle.response_started):
            self.transport.close()  # an answer now would be read as another one's
        else:
            self._answer()

    def _wait_for_more(self) -> None:
        """Be late from some time on, if the request is not there by then; its headers get no more time as they come."""
        if self._late is not None and (self._in_body or not self._unfinished):
            self._late.cancel()
            self._late = None
        if self._late is None and self._unfinished and not self._refused:
            self._late = self.loop.call_later(self.receive_seconds, self._be_late)

    def _be_late(self) -> None:
        self._late = None
        if self.flow.read_paused:  # it is the service that does not read on
            self._wait_for_more()
        elif not self._refused and not self.transport.is_closing():
            self._problem = RequestTimedOut()
            self.send_400_response("")

    def _answer(self) -> None:
        if self._in_body:
            self.cycle.disconnected = True  # who reads the body has nobody to answer
            self.cycle.message_event.set()
        body = to_json(self._problem.document(trace_id=token_hex(16)))
        status = HTTPStatus(self._problem.status)
        head = (
            f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.close_gently()

    def _count(self, *parts: bytes) -> None:
        self._header_bytes += sum(map(len, parts))
        if self._header_bytes > self.max_header_bytes:
            self._problem = HeadersTooLarge(limit=self.max_header_bytes)
            raise self._problem


class GentleTransport:
    """A connection as an answer writes to it: while the request still comes in, closing waits for the client."""

    def __init__(self, protocol: ProblemProtocol) -> None:
        self._protocol = protocol
        self.write = protocol.transport.write
        self.is_closing = protocol.transport.is_closing

    def close(self) -> None:
        """Close, at once if the request was read."""
        if self._protocol.in_body:
            self._protocol.close_gently()
        else:
            self._protocol.transport.close()
