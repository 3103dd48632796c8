"""The checkpoint: whether the caller may."""

from typing import Protocol
from uuid import UUID

from ports.library import Role
from ports.problem import Forbidden

VIEWER = frozenset({"space.read", "kit.read", "kit.export", "asset.read", "member.read", "tag.read", "change.read"})
EDITOR = VIEWER | {
    "kit.create", "kit.edit", "section.create", "section.edit", "asset.create", "asset.edit", "asset.remove",
    "tag.edit", "execution.read", "execution.retry",
}  # fmt: skip
ADMIN = EDITOR | {
    "space.edit", "kit.archive", "asset.purge", "member.add", "member.edit", "member.remove", "share.create",
    "share.read", "share.revoke", "execution.cancel",
}  # fmt: skip
OWNER = ADMIN | {"space.delete", "space.transfer"}
OPERATOR = frozenset({  # of the whole service: no role holds them, nor does `*`
    "execution.cancel_any", "execution.read_all", "file.sweep", "index.read", "index.rebuild", "index.verify",
    "ledger.expire", "ledger.prune", "schedule.read", "schedule.run", "share.expire", "worker.read",
})  # fmt: skip
PERMISSIONS: dict[Role, frozenset[str]] = {"viewer": VIEWER, "editor": EDITOR, "admin": ADMIN, "owner": OWNER}


class PermissionMissing(Forbidden):
    """Your role in this space does not allow this.

    Ask one of its admins.
    """

    permission: str


class ScopeMissing(Forbidden):
    """Your credentials do not allow this action.

    Use a token whose scopes hold this permission.
    """

    permission: str


class PermissionRevoked(Forbidden):
    """Your permission was withdrawn while the action ran.

    Nothing was changed.
    """

    permission: str


class InSpace(Protocol):
    """Something that lies in a space."""

    @property
    def id(self) -> UUID:
        """Its own id."""
        ...

    @property
    def space_id(self) -> UUID:
        """The id of the space."""
        ...


class Checkpoint(Protocol):
    """What the caller's roles allow, by `PERMISSIONS`; what it granted stands until the end, or the action fails."""

    async def require(self, permission: str, /, *, within: UUID | InSpace) -> None:
        """Grant `permission` in a space, named by its id or by something that lies in it.

        Raise `PermissionMissing`, or for one who is no member `EntityNotFound`, as if that thing were not there.
        """
        ...

    async def confirm(self) -> None:
        """Hold the grants given so far until the transaction ends; raise `PermissionRevoked` if one is gone."""
        ...

    @property
    def space_id(self) -> UUID | None:
        """The space of the first grant."""
        ...
