"""Remove old executions from the ledger."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.housekeeping import Cleared, Housekeeping

BATCH, MOST_READ = 2_000, 40_000


class PruneLedger(
    ActionHandler, permission="ledger.prune", idempotent=True, operator=True, timeout=120.0, schedule="30 3 * * *"
):
    """Remove executions that ended longer ago than the settings keep them for.

    By default that is none, ever. Those that changed something are kept for as long as their changes. One that others
    refer to, as what it ran, stays until these are gone. If there is more to do, another execution goes on with the
    rest.
    """

    housekeeping: Housekeeping
    actions: Actions

    after: UUID | None = Arg(default=None, description="The execution to begin after; without, from the oldest on.")

    async def execute(self) -> Cleared:
        removed, after, read = 0, self.after, 0
        while removed < BATCH and read < MOST_READ:
            pruned = await self.housekeeping.prune(at=self.execution.at, after=after, limit=BATCH)
            removed, after, read = removed + pruned.removed, pruned.cursor, read + BATCH
            if after is None:
                return Cleared(count=removed, continued_by=None)
        return Cleared(count=removed, continued_by=await self.actions.enqueue("prune_ledger", {"after": after}))
