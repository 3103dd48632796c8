"""Read one execution."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.history import READ_ALL, ExecutionRecord, History
from ports.repo import EntityNotFound


class GetExecution(ActionHandler, permission="execution.read", readonly=True, problems=(EntityNotFound,)):
    """Read all that is on record of an execution: your own, or one of a space whose executions you may see.

    The scope `execution.read_all`, an operator's, lets you see every one; `*` does not hold it.
    """

    history: History
    checkpoint: Checkpoint

    execution_id: UUID = Arg(description="The execution.")

    async def execute(self) -> ExecutionRecord:
        found = await self.history.execution(self.execution_id)
        if not await self._may_see(found):
            raise EntityNotFound(kind="execution", id=self.execution_id)
        return found

    async def _may_see(self, found: ExecutionRecord) -> bool:
        caller = self.execution.caller
        if found.actor == caller.actor or READ_ALL in caller.scopes:
            return True
        if found.space_id is None:
            return False
        try:
            await self.checkpoint.require(self.permission, within=found.space_id)
        except (EntityNotFound, PermissionMissing):
            return False
        return True
