"""List executions."""

from datetime import datetime
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint, PermissionMissing, ScopeMissing
from ports.cursor import InvalidCursor
from ports.history import READ_ALL, Excerpt, ExecutionSummary, History
from ports.ledger import State
from ports.repo import MAX_PAGE, EntityNotFound


class ListExecutions(
    ActionHandler,
    permission="execution.read",
    readonly=True,
    problems=(EntityNotFound, PermissionMissing, ScopeMissing, InvalidCursor),
):
    """List executions, newest first: those of a space, or without one your own.

    The scope `execution.read_all`, an operator's, lets you see those of every space and of everybody; `*` does not.
    """

    history: History
    checkpoint: Checkpoint

    space_id: UUID | None = Arg(default=None, description="Only those of this space, whoever asked for them.")
    everybody: bool = Arg(default=False, description="Without a space: not only your own. For operators.")
    action: str | None = Arg(default=None, max_length=100, description="Only this action's.", examples=["create_kit"])
    state: State | None = Arg(default=None, description="Only those in this state.")
    queue_name: str | None = Arg(default=None, max_length=100, description="Only those of this queue.")
    retry_of: UUID | None = Arg(default=None, description="Only those that repeat this one.")
    since: datetime | None = Arg(default=None, description="Only those submitted since then, to the millisecond.")
    until: datetime | None = Arg(default=None, description="Only those submitted before.")
    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Executions in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def validate(self) -> None:
        operator = READ_ALL in self.execution.caller.scopes
        if self.everybody and not operator:
            raise ScopeMissing(permission=READ_ALL)
        if self.space_id and not operator:
            await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> Excerpt[ExecutionSummary]:
        return await self.history.executions(
            space_id=self.space_id,
            actor=None if self.space_id or self.everybody else self.execution.caller.actor,
            action=self.action,
            state=self.state,
            queue=self.queue_name,
            retry_of=self.retry_of,
            since=self.since,
            until=self.until,
            limit=self.limit,
            cursor=self.cursor,
        )
