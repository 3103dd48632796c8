"""Checkpoints in memory."""

from uuid import UUID

from adapters.memory.repo import MemoryRepo
from adapters.memory.store import Change
from ports.checkpoint import PERMISSIONS, InSpace, PermissionMissing, PermissionRevoked
from ports.library import Member, Space
from ports.repo import not_found


class MemoryCheckpoint:
    """Grants by the members that a memory repository holds."""

    def __init__(self, repo: MemoryRepo, actor: str = "tester") -> None:
        self._repo, self._actor = repo, actor
        self._grants: dict[tuple[UUID, str], None] = {}

    @property
    def space_id(self) -> UUID | None:
        """See `Checkpoint`."""
        return next((space for space, _ in self._grants), None)

    async def require(self, permission: str, /, *, within: UUID | InSpace) -> None:
        """See `Checkpoint`."""
        space_id = within if isinstance(within, UUID) else within.space_id
        allowed = await self._allowed(space_id)
        if allowed is None:
            raise not_found(Space, space_id) if isinstance(within, UUID) else not_found(type(within), within.id)
        if permission not in allowed:
            raise PermissionMissing(permission=permission)
        self._grants[space_id, permission] = None

    async def confirm(self) -> None:
        """See `Checkpoint`."""
        for space, permission in self._grants:
            if permission not in (await self._allowed(space) or ()) and not self._given_up(space):
                raise PermissionRevoked(permission=permission)

    async def _allowed(self, space_id: UUID) -> frozenset[str] | None:
        found = await self._repo.find(Member, space_id=space_id, actor=self._actor)
        return PERMISSIONS[found.items[0].role] if found.items else None

    def _given_up(self, space_id: UUID) -> bool:
        """A caller may give up a role by the very action that the role allowed."""
        return any(
            isinstance(change, Change)
            and isinstance(change.before, Member)
            and change.before.space_id == space_id
            and change.before.actor == self._actor
            for change in self._repo.store.written
        )


class OpenCheckpoint:
    """Grants everything."""

    space_id: UUID | None = None

    async def require(self, permission: str, /, *, within: UUID | InSpace) -> None:
        """See `Checkpoint`; it lets everybody pass."""

    async def confirm(self) -> None:
        """See `Checkpoint`; what it granted stands."""
