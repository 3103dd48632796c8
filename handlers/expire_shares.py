"""Remove links to kits that ended long ago."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.housekeeping import Cleared, Housekeeping
from ports.repo import EntityNotFound, Repo, VersionMismatch

BATCH = 500


class ExpireShares(
    ActionHandler, permission="share.expire", idempotent=True, operator=True, timeout=120.0, schedule="10 3 * * *"
):
    """Remove links to kits that expired or were revoked long ago.

    They open nothing any more; their histories stay. If there are many, another execution goes on with the rest.
    """

    repo: Repo
    housekeeping: Housekeeping
    actions: Actions

    older_than_days: int = Arg(default=30, ge=1, le=3650, description="What ended so many days ago.")

    async def execute(self) -> Cleared:
        before = self.execution.at - timedelta(days=self.older_than_days)
        ended = await self.housekeeping.ended_shares(before=before, limit=BATCH)
        removed = 0
        for share in ended:
            with suppress(EntityNotFound, VersionMismatch):  # somebody changed it just now
                await self.repo.remove(share)
                removed += 1
        return Cleared(count=removed, continued_by=await self._go_on() if len(ended) == BATCH else None)

    async def _go_on(self) -> UUID:
        return await self.actions.enqueue("expire_shares", {"older_than_days": self.older_than_days})
