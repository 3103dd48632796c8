"""Links: tokens that let their holder join a space, or open one kit."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from ports.entity import Entity
from ports.library import Role
from ports.problem import Conflict, NotFound


class TokenTaken(Conflict):
    """Another link has this token."""

    token_hash: str


class LinkNotValid(NotFound):
    """The link is not valid: it was never made, was revoked or used, or has expired.

    Ask who gave it to you for another.
    """


@dataclass(frozen=True, kw_only=True)
class Invitation(Entity, unique=("token_hash",), taken=TokenTaken):
    """An offer of a role in a space to whoever holds its token, once, until it expires."""

    space_id: UUID
    role: Role
    invited_by: str
    token_hash: str
    expires_at: datetime
    accepted_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Share(Entity, unique=("token_hash",), taken=TokenTaken):
    """A link by which whoever holds its token may open a kit, until it expires or is revoked."""

    space_id: UUID
    kit_id: UUID
    shared_by: str
    token_hash: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


def new_token() -> str:
    """Return a token of 256 random bits; what is kept of it is its hash alone."""
    return token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return by what a token is found: it cannot be had back from that."""
    return sha256(token.encode()).hexdigest()
