"""What requests say in their headers."""

import re
from hashlib import blake2b

from fastapi import Request

QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


def sent(request: Request, name: bytes) -> str | None:
    """Return a header of the request, its name in lower case; None without one."""
    for key, value in request.scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


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
    keys = [str(value, "latin-1").strip() for name, value in request.scope["headers"] if name == b"idempotency-key"]
    if not keys or not keys[0].startswith('"'):
        return None if not keys else keys[0] if len(keys) == 1 else ""
    found = QUOTED.fullmatch(keys[0])
    return re.sub(r"\\(.)", r"\1", found[1]) if found and len(keys) == 1 else ""


def etag_of(body: bytes) -> str:
    """Return the entity tag (RFC 9110, section 8.8.3) of an answer: the same bytes have the same."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def has_seen(request: Request, etag: str) -> bool:
    """Return whether the caller has the answer of this tag already, by `If-None-Match` (RFC 9110, section 13.1.2)."""
    lines = [str(value, "latin-1") for name, value in request.scope["headers"] if name == b"if-none-match"]
    seen = {each.strip().removeprefix("W/") for line in lines for each in line.split(",")}
    return "*" in seen or etag in seen
