"""Read one execution."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint
from ports.executions import visible_execution
from ports.history import ExecutionRecord, History
from ports.repo import EntityNotFound


class GetExecution(ActionHandler, permission="execution.read", readonly=True, problems=(EntityNotFound,)):
    """Read all that is on record of an execution: your own, or one of a space whose executions you may see.

    The scope `execution.read_all`, an operator's, lets you see every one; `*` does not hold it.
    """

    history: History
    checkpoint: Checkpoint

    execution_id: UUID = Arg(description="The execution.")

    async def execute(self) -> ExecutionRecord:
        return await visible_execution(
            self.execution_id, history=self.history, checkpoint=self.checkpoint, caller=self.execution.caller
        )
