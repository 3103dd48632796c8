"""What came of an execution."""

from asyncio import CancelledError
from dataclasses import replace
from typing import Any, NamedTuple, Self
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from ports.action import ActionHandler, Execution
from ports.actions import ExecutionCancelled, InternalError, OutputTooLarge, TimedOut
from ports.background import Accepted
from ports.history import PendingChange, without_secrets
from ports.ledger import State, Stored
from ports.problem import Problem
from ports.storable import MAX_INT


class Outcome(NamedTuple):
    """The end of an execution: `body` is the JSON text of its output, or of its problem's document.

    That of an earlier one, which an idempotency key stands for, is `replayed`, and has its id.
    """

    state: State
    body: bytes
    output: Any = None
    problem: Problem | None = None
    replayed: bool = False
    changes: list[PendingChange] = []  # noqa: RUF012 - of a dry run; nobody adds to it
    replayed_id: UUID | None = None

    @classmethod
    def succeeded(cls, handler: type[ActionHandler], output: object, *, limit: int = MAX_INT) -> Self:
        """Return the success of an action, its output checked against the declared type by writing it down.

        Raise `OutputTooLarge` for one of more bytes than the limit.
        """
        body = handler.output.serializer.to_json(output, warnings="error")
        if len(body) > limit:
            raise OutputTooLarge(limit=limit)
        return cls(state="succeeded", output=output, body=body)

    @classmethod
    def accepted(cls, id: UUID, action: str, *, replayed: bool = False) -> Self:
        """Return that an execution waits for a worker."""
        accepted = Accepted(id=id, action=action)
        return cls(state="queued", output=accepted, body=to_json(accepted), replayed=replayed)

    def known_as(self, id: UUID) -> Self:
        """Return it as that of the execution that there is already, if it is another one."""
        return self if self.output.id == id else self.accepted(id, self.output.action)

    def tried(self, changes: list[PendingChange]) -> Self:
        """Return it as the success of a dry run, which tells what would have been changed, but for what is secret."""
        shown = [
            replace(each, before=without_secrets(each.before), after=without_secrets(each.after)) for each in changes
        ]
        body = b'{"output":' + self.body + b',"changes":' + to_json(shown) + b"}"
        return self._replace(body=body, changes=shown)

    @classmethod
    def of(cls, error: BaseException, execution: Execution, *, recorded: bool) -> Self:
        """Return the failure of an action; what is no problem is an `InternalError`, which tells nothing of it.

        The document names the execution if there is a row of it.
        """
        problem = error if isinstance(error, Problem) else InternalError()
        state: State = "failed" if isinstance(problem, (InternalError, TimedOut)) else "rejected"
        if isinstance(error, CancelledError):
            problem, state = ExecutionCancelled(), "cancelled"
        document = problem.document(execution_id=execution.id if recorded else None, trace_id=execution.trace_id)
        return cls(state=state, problem=problem, body=to_json(document))

    @classmethod
    def replay(cls, stored: Stored, action: str, handler: type[ActionHandler]) -> Self:
        """Return what an idempotency key stands for, in the same bytes, also where the code has gone on since then.

        The output is then as JSON has it.
        """
        if stored.background:
            return cls.accepted(stored.id, action, replayed=True)._replace(replayed_id=stored.id)
        if stored.problem is not None:
            problem = Problem.from_document(from_json(stored.problem))
            body = stored.problem.encode()
            return cls(state="rejected", body=body, problem=problem, replayed=True, replayed_id=stored.id)
        body = (stored.output or "null").encode()
        try:
            output = handler.output.validate_json(body)
        except ValidationError:
            output = from_json(body)
        return cls(state="succeeded", body=body, output=output, replayed=True, replayed_id=stored.id)
