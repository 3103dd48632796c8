"""HTTP/1.1 as uvicorn reads it, but that what it refuses itself is a problem, too, and headers have a limit."""

from http import HTTPStatus
from secrets import token_hex

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ports.problem import Invalid, Problem
from service.http.problems import MEDIA_TYPE, BadRequest


class HeadersTooLarge(Invalid):
    """The address and the headers of the request are larger than the service takes."""

    status = 431
    limit: int


def protocol_with(*, max_header_bytes: int) -> type[HttpToolsProtocol]:
    """Return the protocol whose requests have so many bytes of address and headers, at most."""
    return type("Protocol", (ProblemProtocol,), {"max_header_bytes": max_header_bytes})


class ProblemProtocol(HttpToolsProtocol):
    """What cannot be read as HTTP is answered with a problem, and its connection closed."""

    max_header_bytes = 65_536
    _header_bytes = 0
    _problem: Problem = BadRequest()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._header_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._count(name, value)
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words, in their place a problem
        """Answer what was refused, whatever its status is, and close the connection."""
        body = to_json(self._problem.document(trace_id=token_hex(16)))
        status = HTTPStatus(self._problem.status)
        head = (
            f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _count(self, *parts: bytes) -> None:
        self._header_bytes += sum(map(len, parts))
        if self._header_bytes > self.max_header_bytes:
            self._problem = HeadersTooLarge(limit=self.max_header_bytes)
            raise self._problem
