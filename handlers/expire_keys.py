"""Take expired idempotency keys off the ledger."""

from ports.action import ActionHandler
from ports.actions import Actions
from ports.housekeeping import Cleared, Housekeeping

BATCH = 2_000


class ExpireKeys(
    ActionHandler, permission="ledger.expire", idempotent=True, operator=True, timeout=120.0, schedule="20 3 * * *"
):
    """Take expired idempotency keys off the ledger.

    Nothing else of their executions is changed. If there are many, another execution goes on with the rest.
    """

    housekeeping: Housekeeping
    actions: Actions

    async def execute(self) -> Cleared:
        released = await self.housekeeping.release_keys(at=self.execution.at, limit=BATCH)
        more = released == BATCH
        return Cleared(count=released, continued_by=await self.actions.enqueue("expire_keys", {}) if more else None)
