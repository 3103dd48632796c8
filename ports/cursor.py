"""Cursors: where a page of a list ended, opaque to callers."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from ports.problem import Invalid


class InvalidCursor(Invalid):
    """The cursor is none that a page of this list gave out.

    Leave it out to start from the beginning.
    """


def cursor_after(id: UUID) -> str:
    """Return the cursor of a page that ends with this entity."""
    return cursor_of(id.bytes)


def id_of(cursor: str) -> UUID:
    """Return the id that the page ended with, or raise `InvalidCursor`."""
    try:
        return UUID(bytes=told_by(cursor))
    except ValueError:
        raise InvalidCursor from None


def cursor_of(told: bytes) -> str:
    """Return the cursor that tells this."""
    return urlsafe_b64encode(told).decode().rstrip("=")


def told_by(cursor: str) -> bytes:
    """Return what a cursor tells, or raise `InvalidCursor`."""
    try:
        told = urlsafe_b64decode(cursor + "==")
    except ValueError:
        raise InvalidCursor from None
    if cursor_of(told) != cursor:  # the decoder passes over what is no letter of its alphabet
        raise InvalidCursor
    return told
