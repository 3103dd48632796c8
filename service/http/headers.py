"""What requests say in their headers."""

import re
from hashlib import blake2b

from fastapi import Request

TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


def header(request: Request, name: bytes) -> str:
    """Return a header of the request, its name in lower case; an empty string without one."""
    for key, value in request.scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def trace_id_of(request: Request) -> str:
    """Return the trace id of the request's `traceparent` (W3C Trace Context); without one, an empty string."""
    sent = header(request, b"traceparent")
    found = TRACEPARENT.fullmatch(sent) if sent else None
    return found[1] if found else ""


def idempotency_key_of(request: Request) -> str | None:
    """Return the Idempotency-Key: a string of RFC 8941, in double quotes, or as it is; None without one."""
    for name, value in request.scope["headers"]:
        if name == b"idempotency-key":
            key = str(value, "latin-1").strip()
            return key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
    return None


def etag_of(body: bytes) -> str:
    """Return the entity tag (RFC 9110, section 8.8.3) of an answer: the same bytes have the same."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def has_seen(request: Request, etag: str) -> bool:
    """Return whether the caller has the answer of this tag already, by `If-None-Match` (RFC 9110, section 13.1.2)."""
    seen = header(request, b"if-none-match")
    return bool(seen) and (seen == "*" or etag in {each.strip().removeprefix("W/") for each in seen.split(",")})
