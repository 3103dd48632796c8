"""What requests say in their headers."""

import re
from collections.abc import Mapping
from hashlib import blake2b

from fastapi import Request

QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


def sent(request: Request, name: bytes) -> str | None:
    """Return a header of the request, its name in lower case; of several the last, None without one."""
    value = _by_name(request).get(name)
    return None if value is None else str(value, "latin-1")


def each_sent(request: Request, name: bytes) -> list[str]:
    """Return all headers of that name, in their order."""
    if name not in _by_name(request):
        return []
    return [str(value, "latin-1") for key, value in request.scope["headers"] if key == name]


def header(request: Request, name: bytes) -> str:
    """Return a header of the request, its name in lower case; an empty string without one."""
    return sent(request, name) or ""


def trace_id_of(request: Request) -> str:
    """Return the trace id of the request's `traceparent` (W3C Trace Context); without one, an empty string."""
    sent = header(request, b"traceparent")
    found = TRACEPARENT.fullmatch(sent) if sent else None
    return found[1] if found else ""


def idempotency_key_of(request: Request) -> str | None:
    """Return the Idempotency-Key: a string of RFC 8941, in double quotes, or as it is; None without one.

    Two of them, or what begins with a quote and is no such string, are as malformed as an empty one, which it returns.
    """
    keys = [key.strip() for key in each_sent(request, b"idempotency-key")]
    if not keys or not keys[0].startswith('"'):
        return None if not keys else keys[0] if len(keys) == 1 else ""
    found = QUOTED.fullmatch(keys[0])
    return re.sub(r"\\(.)", r"\1", found[1]) if found and len(keys) == 1 else ""


def etag_of(body: bytes) -> str:
    """Return the entity tag (RFC 9110, section 8.8.3) of an answer: the same bytes have the same."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def has_seen(request: Request, etag: str) -> bool:
    """Return whether the caller has the answer of this tag already, by `If-None-Match` (RFC 9110, section 13.1.2)."""
    lines = each_sent(request, b"if-none-match")
    seen = {each.strip().removeprefix("W/") for line in lines for each in line.split(",")}
    return "*" in seen or etag in seen


def _by_name(request: Request) -> Mapping[bytes, bytes]:
    """Return the headers by name; made once, since a request is asked for half a dozen of them."""
    found: Mapping[bytes, bytes] | None = request.scope.get("actionbus.headers")
    if found is None:
        found = request.scope["actionbus.headers"] = dict(request.scope["headers"])
    return found
