"""Cancel an execution that waits or runs in the background."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing, ScopeMissing
from ports.executions import CANCEL_ANY, ExecutionEnded, visible_execution
from ports.history import ExecutionRecord, History
from ports.queue import Queue
from ports.repo import EntityNotFound


@dataclass(frozen=True, kw_only=True)
class Cancellation:
    """What became of it: it is `cancelled`, or still `running` and told to stop, within a second or so."""

    id: UUID
    state: Literal["cancelled", "running"]


class CancelExecution(
    ActionHandler,
    permission="execution.cancel",
    idempotent=True,
    problems=(EntityNotFound, PermissionMissing, ScopeMissing, ExecutionEnded),
):
    """Cancel an execution that waits or runs in the background; what it has done is undone.

    Your own, or one of a space whose admin you are. The scope `execution.cancel_any`, an operator's, lets you cancel
    every one; `*` does not hold it.
    """

    work_queue: Queue
    history: History
    checkpoint: Checkpoint

    execution_id: UUID = Arg(description="The execution.", examples=["019b76da-a800-7000-8000-00000000000d"])

    async def validate(self) -> None:
        caller = self.execution.caller
        if CANCEL_ANY not in caller.scopes:
            found = await visible_execution(
                self.execution_id, history=self.history, checkpoint=self.checkpoint, caller=caller
            )
            if found.actor != caller.actor:
                await self._require(found)

    async def execute(self) -> Cancellation:
        state = await self.work_queue.cancel(self.execution_id)
        if state in ("cancelled", "running"):
            return Cancellation(id=self.execution_id, state=state)
        raise ExecutionEnded(state=state)

    async def _require(self, found: ExecutionRecord) -> None:
        """Ask in its space; an operator who may see it and is no member there lacks the scope."""
        try:
            if found.space_id is not None:
                return await self.checkpoint.require(self.permission, within=found.space_id)
        except EntityNotFound:
            pass
        raise ScopeMissing(permission=CANCEL_ANY)
