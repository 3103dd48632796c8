"""Sharing: the members of a space, and links whose tokens let their holder join a space or open one kit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Self
from uuid import UUID

from ports.action import ActorKind, Caller, EntryPoint
from ports.directory import Actor
from ports.entity import Entity
from ports.library import Member, NotAMember, Role
from ports.problem import Conflict, NotFound
from ports.repo import EntityNotFound, Repo


class TokenTaken(Conflict):
    """Another link has this token."""

    token_hash: str


class LinkNotValid(NotFound):
    """The link is not valid: it was never made, was revoked or used, or has expired.

    Ask who gave it to you for another. A link to a kit is opened with its token as your credentials.
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

    def is_valid(self, *, at: datetime) -> bool:
        """Whether it may be accepted at that time."""
        return self.accepted_by is None and at < self.expires_at


@dataclass(frozen=True, kw_only=True)
class Share(Entity, unique=("token_hash",), taken=TokenTaken):
    """A link by which whoever holds its token may open a kit, until it expires or is revoked."""

    space_id: UUID
    kit_id: UUID
    shared_by: str
    token_hash: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_valid(self, *, at: datetime) -> bool:
        """Whether it opens its kit at that time."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


@dataclass(frozen=True, kw_only=True)
class InvitationView:
    """An invitation as it is shown: without its token, and without what that is found by."""

    id: UUID
    version: int
    space_id: UUID
    role: Role
    invited_by: str
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        """Return what is shown of an invitation."""
        return cls(**{name: getattr(invitation, name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True, kw_only=True)
class ShareView:
    """A link to a kit as it is shown: without its token, and without what that is found by."""

    id: UUID
    version: int
    space_id: UUID
    kit_id: UUID
    shared_by: str
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, share: Share) -> Self:
        """Return what is shown of a link."""
        return cls(**{name: getattr(share, name) for name in cls.__dataclass_fields__})


SHARE, SHARE_TOKEN = "share:", "share_"
LINK_SCOPES = frozenset({"share.open", "file.read"})


@dataclass(frozen=True, kw_only=True)
class NamedMember:
    """A member as they are shown: with the name and the kind by which they were last seen, if they ever were."""

    id: UUID
    version: int
    space_id: UUID
    actor: str
    actor_name: str | None
    actor_kind: ActorKind | None
    role: Role

    @classmethod
    def of(cls, member: Member, known: Mapping[str, Actor]) -> Self:
        """Return what is shown of a member."""
        actor = known.get(member.actor)
        name, kind = (actor.display_name, actor.kind) if actor else (None, None)
        return cls(**vars(member), actor_name=name, actor_kind=kind)


def new_token(prefix: str = "") -> str:
    """Return a token of 256 random bits behind the prefix; what is kept of it is its hash alone."""
    return prefix + token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return by what a token is found: it cannot be had back from that."""
    return sha256(token.encode()).hexdigest()


def link_caller(share_id: UUID, *, entry_point: EntryPoint) -> Caller:
    """Return who holds the token of a link to a kit: they may open it, and have the files in it, and no more."""
    return Caller(actor=f"{SHARE}{share_id}", entry_point=entry_point, scopes=LINK_SCOPES, kind="link")


async def share_of(repo: Repo, caller: Caller, *, at: datetime) -> Share | None:
    """Return the link that the caller is; None for a person or a service. Raise `LinkNotValid`."""
    if caller.kind != "link":
        return None
    found = await repo.find(Share, id=UUID(caller.actor.removeprefix(SHARE)), limit=1)
    if not found.items or not found.items[0].is_valid(at=at):
        raise LinkNotValid
    return found.items[0]


async def valid_invitation(repo: Repo, token: str, /, *, at: datetime) -> Invitation:
    """Return what the token stands for, or raise `LinkNotValid`."""
    found = (await repo.find(Invitation, token_hash=hash_of(token), limit=1)).items
    if not found or not found[0].is_valid(at=at):
        raise LinkNotValid
    return found[0]


async def lock_members(repo: Repo, space_id: UUID, /, *actors: str) -> list[Member]:
    """Return the members that these actors are, locked, or raise `NotAMember`.

    They are always locked in the same order, so that two who lock do not wait for each other. Who changes another's
    locks their own at the same time: `Checkpoint.confirm` would do so at the end, and out of order.
    """
    found = (await repo.find(Member, space_id=space_id, actor=set(actors))).items
    locked: dict[str, Member] = {}
    for member in sorted(found, key=lambda each: each.id):
        try:
            locked[member.actor] = await repo.lock(Member, member.id)
        except EntityNotFound:  # removed while this waited for the lock
            raise NotAMember(actor=member.actor) from None
    for actor in actors:
        if actor not in locked:
            raise NotAMember(actor=actor)
    return [locked[actor] for actor in actors]
