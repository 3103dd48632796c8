"""Run again all that did not succeed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.checkpoint import Checkpoint, PermissionMissing, ScopeMissing
from ports.cursor import InvalidCursor
from ports.history import READ_ALL, ExecutionSummary, History
from ports.problem import Problem, Unavailable
from ports.repo import MAX_PAGE, EntityNotFound


@dataclass(frozen=True, kw_only=True)
class Retried:
    """How many are run again, how many their actions refused, and where it goes on: no `next_cursor` is the end."""

    retried: int
    refused: int
    next_cursor: str | None


class RetryExecutions(
    ActionHandler,
    permission="execution.retry",
    problems=(EntityNotFound, PermissionMissing, ScopeMissing, InvalidCursor),
    timeout=120.0,
):
    """Run again, in the background, executions that did not succeed there and that nobody has run again so far.

    Those of a space, or without one your own; the scope `execution.read_all`, an operator's, reaches everybody's. They
    are new executions of yours: what you are not allowed to do yourself is refused, and counted.
    """

    history: History
    checkpoint: Checkpoint
    actions: Actions

    space_id: UUID | None = Arg(default=None, description="Only those of this space, whoever asked for them.")
    everybody: bool = Arg(default=False, description="Without a space: not only your own. For operators.")
    action: str | None = Arg(default=None, max_length=100, description="Only this action's.")
    state: Literal["failed", "rejected", "cancelled"] = Arg(default="failed", description="Those that ended so.")
    since: datetime | None = Arg(default=None, description="Only those submitted since then.")
    limit: int = Arg(default=MAX_PAGE, ge=1, le=MAX_PAGE, description="Executions at once, at most, newest first.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the time before.")

    async def validate(self) -> None:
        operator = READ_ALL in self.execution.caller.scopes
        if self.everybody and not operator:
            raise ScopeMissing(permission=READ_ALL)
        if self.space_id and not operator:
            await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Retried:
        found = await self.history.executions(
            space_id=self.space_id,
            actor=None if self.space_id or self.everybody else self.execution.caller.actor,
            action=self.action,
            state=self.state,
            since=self.since,
            unretried=True,
            limit=self.limit,
            cursor=self.cursor,
        )
        done = [await self._is_queued(each) for each in found.items]
        return Retried(retried=sum(done), refused=len(done) - sum(done), next_cursor=found.next_cursor)

    async def _is_queued(self, failed: ExecutionSummary) -> bool:
        try:
            await self.actions.enqueue(failed.action, await self.history.arguments_of(failed.id), retry_of=failed.id)
        except Unavailable:
            raise
        except Problem:
            return False
        return True
