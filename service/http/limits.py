"""How much of a request the service takes, and how long it waits for it."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request
from starlette.requests import ClientDisconnect

from ports.problem import Invalid, Unavailable
from service.http.headers import header, sent
from service.settings import Settings

MAX_TIMEOUT_DIGITS = 9
MAX_LENGTH_DIGITS = 20  # beyond every limit, and Python takes a while for thousands


class UnsupportedMediaType(Invalid):
    """Arguments are sent as `Content-Type: application/json`, and not compressed."""

    status = 415


class BodyTooLarge(Invalid):
    """The body is larger than the service takes.

    Upload files by `POST /files` and name them by their SHA-256.
    """

    status = 413
    limit: int


class HeadersTooLarge(Invalid):
    """The address and the headers of the request are larger than the service takes."""

    status = 431
    limit: int


class RequestTimedOut(Unavailable):
    """The rest of the request did not arrive in time.

    Send it again, faster.
    """

    status = 408


class MalformedRequestTimeout(Invalid):
    """`Request-Timeout-Ms` is a whole number of milliseconds, from 1 on."""

    status = 400


async def body_of(request: Request, settings: Settings) -> bytes:
    """Return the body, which is to be JSON. Raise `UnsupportedMediaType` or `BodyTooLarge`."""
    if not _is_json(header(request, b"content-type")) or _is_compressed(header(request, b"content-encoding")):
        raise UnsupportedMediaType
    limit = settings.max_body_bytes
    if length_of(request) > limit:
        raise BodyTooLarge(limit=limit)
    body, more = await _next_of(request)
    if more:  # most come whole, and need no copy
        parts = bytearray(body)
        while more and len(parts) <= limit:
            chunk, more = await _next_of(request)
            parts += chunk
        body = bytes(parts)
    if len(body) > limit:
        raise BodyTooLarge(limit=limit)
    return body


def length_of(request: Request) -> int:
    """Return how many bytes the body is said to have: 0 where nothing is said."""
    length = header(request, b"content-length")
    return int(length[:MAX_LENGTH_DIGITS]) if length.isdecimal() else 0


async def chunks_of(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it arrives."""
    more = True
    while more:
        chunk, more = await _next_of(request)
        yield chunk


def deadline_of(request: Request) -> float | None:
    """Return when the caller stops waiting, on the loop's clock, by the header `Request-Timeout-Ms`, if they say so.

    Raise `MalformedRequestTimeout`.
    """
    asked = sent(request, b"request-timeout-ms")
    if asked is None:
        return None
    if not (asked.isascii() and asked.isdecimal()) or len(asked) > MAX_TIMEOUT_DIGITS or int(asked) == 0:
        raise MalformedRequestTimeout
    return asyncio.get_running_loop().time() + int(asked) / 1000


async def _next_of(request: Request) -> tuple[bytes, bool]:
    message = await request.receive()  # the protocol does not wait for ever
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def _is_compressed(encoding: str) -> bool:
    return encoding.strip().lower() not in {"", "identity"}


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
