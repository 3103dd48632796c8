"""Run again what did not succeed."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.background import Accepted, BackgroundRefused
from ports.checkpoint import Checkpoint, ScopeMissing
from ports.executions import NothingToRetry, RetryRefused, visible_execution
from ports.history import History
from ports.problem import Problem, Unavailable
from ports.repo import EntityNotFound


class RetryExecution(
    ActionHandler,
    permission="execution.retry",
    problems=(EntityNotFound, NothingToRetry, RetryRefused, BackgroundRefused, ScopeMissing),
):
    """Run again, in the background, what was rejected, has failed or was cancelled, and that you may see.

    It is a new execution of yours of the same action with the same arguments: you must be allowed to do that yourself,
    and your credentials need the permission of that action, too.
    """

    history: History
    checkpoint: Checkpoint
    actions: Actions

    execution_id: UUID = Arg(
        description="The execution, which stays as it is.", examples=["019b76da-a800-7000-8000-00000000000e"]
    )

    async def execute(self) -> Accepted:
        found = await visible_execution(
            self.execution_id, history=self.history, checkpoint=self.checkpoint, caller=self.execution.caller
        )
        if found.state not in ("rejected", "failed", "cancelled"):
            raise NothingToRetry(state=found.state)
        arguments = await self.history.arguments_of(found.id)
        try:
            queued = await self.actions.enqueue(found.action, arguments, retry_of=found.id)
        except (BackgroundRefused, ScopeMissing, Unavailable):
            raise
        except Problem as problem:
            raise RetryRefused(refusal=problem.code) from problem
        return Accepted(id=queued, action=found.action)
