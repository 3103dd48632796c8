"""Which executions a caller may see, and what they may do about them."""

from uuid import UUID

from ports.action import Caller
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.history import READ_ALL, ExecutionRecord, History
from ports.ledger import State
from ports.problem import Conflict, Invalid
from ports.repo import EntityNotFound

READ = "execution.read"
CANCEL_ANY = "execution.cancel_any"


class ExecutionEnded(Conflict):
    """It is too late to cancel this execution: it has ended.

    `state` is how.
    """

    state: State


class NothingToRetry(Conflict):
    """Only what was rejected, has failed or was cancelled can be run again.

    `state` is that of this execution.
    """

    state: State


class RetryRefused(Invalid):
    """The action does not take these arguments from you, or not any more.

    `refusal` is the code of the problem.
    """

    refusal: str


async def visible_execution(id: UUID, *, history: History, checkpoint: Checkpoint, caller: Caller) -> ExecutionRecord:
    """Return an execution that the caller may see: their own, one of a space where they may, or as an operator any.

    Raise `EntityNotFound` for every other one, as if it were not there.
    """
    found = await history.execution(id)
    if found.actor == caller.actor or READ_ALL in caller.scopes or await _may_read(found.space_id, checkpoint):
        return found
    raise EntityNotFound(kind="execution", id=id)


async def _may_read(space_id: UUID | None, checkpoint: Checkpoint) -> bool:
    if space_id is None:
        return False
    try:
        await checkpoint.require(READ, within=space_id)
    except (EntityNotFound, PermissionMissing):
        return False
    return True
