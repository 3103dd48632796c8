"""The checkpoint over the members kept in PostgreSQL."""

from uuid import UUID

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.checkpoint import PERMISSIONS, InSpace, PermissionMissing, PermissionRevoked
from ports.library import Space
from ports.repo import not_found

ROLE = "select role from members where space_id = $1 and actor = $2"
ROLES = "select space_id, role from members where space_id = any($1) and actor = $2 for share"
GIVEN_UP = """
select true from changes where transaction_id = pg_current_xact_id() and space_id = $1
and entity_kind = 'member' and before->>'actor' = $2
"""


class PostgresCheckpoint:
    """Grants by the caller's role, remembered until they are confirmed."""

    def __init__(self, unit: PostgresUnitOfWork, actor: str) -> None:
        self._unit, self._actor = unit, actor
        self._grants: dict[tuple[UUID, str], None] = {}

    @property
    def space_id(self) -> UUID | None:
        """See `Checkpoint`."""
        return next((space for space, _ in self._grants), None)

    async def require(self, permission: str, /, *, within: UUID | InSpace) -> None:
        """See `Checkpoint`."""
        space_id = within if isinstance(within, UUID) else within.space_id
        role = await (await self._unit.driver()).fetchval(ROLE, space_id, self._actor)
        if role is None:
            raise not_found(Space, space_id) if isinstance(within, UUID) else not_found(type(within), within.id)
        if permission not in PERMISSIONS[role]:
            raise PermissionMissing(permission=permission)
        self._grants[space_id, permission] = None

    async def confirm(self) -> None:
        """See `Checkpoint`."""
        if not self._grants:
            return
        driver = await self._unit.driver()
        rows = await driver.fetch(ROLES, list({space for space, _ in self._grants}), self._actor)
        roles = {row["space_id"]: row["role"] for row in rows}
        for space, permission in self._grants:
            if space not in roles or permission not in PERMISSIONS[roles[space]]:
                await self._unless_given_up(space, permission)

    async def _unless_given_up(self, space: UUID, permission: str) -> None:
        """A caller may give up a role by the very action that the role allowed."""
        driver = await self._unit.driver()
        if not await driver.fetchval(GIVEN_UP, space, self._actor):
            raise PermissionRevoked(permission=permission)
