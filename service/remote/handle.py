"""An execution in the background of another service."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic_core import to_json

from ports.gateway import Answer
from ports.history import ExecutionRecord
from ports.ledger import State
from service.handle import POLL_SECONDS, ExecutionHandle, document_of
from service.remote.answers import output_of, problem_in
from service.remote.requests import Request, cancelling, monitoring
from service.remote.sending import ACCEPTED

T = TypeVar("T")
Ask = Callable[[Request, float], Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a service says of an execution that it has accepted, or was to cancel."""

    id: UUID
    state: State


class RemoteHandle(ExecutionHandle[T]):
    """An execution of another service, by its first answer; `ask` sends a request that may take so many seconds.

    One that the service did at once, though it was asked to do it later, has no `id` that is known here.
    """

    def __init__(self, ask: Ask, answer: Answer, name: str, returns: Any, *, patience: float) -> None:
        accepted = answer.status == ACCEPTED
        self.id: UUID | None = answer.read(Taken).id if accepted else None
        self._done = None if accepted else answer
        self._ask, self._name, self._returns, self.patience = ask, name, returns, patience

    async def result(self, *, timeout: float | None = None) -> T:  # noqa: ASYNC109 - as everything that waits has it
        """See `ExecutionHandle`; `UnexpectedAnswer`, `TypeError` and the problems of the way are as of `execute`."""
        return self._output(self._done) if self._done else await super().result(timeout=timeout)

    async def record(self, *, wait: float = 0.0) -> ExecutionRecord:
        """See `ExecutionHandle`. Raise LookupError if it has no id."""
        answer = await self._ask(monitoring(self._known_id(), wait=wait), wait)
        return answer.read(ExecutionRecord)

    async def cancel(self) -> State:
        """See `ExecutionHandle`. Raise LookupError if it has no id."""
        answer = await self._ask(cancelling(self._known_id()), 0.0)
        return answer.read(Taken).state

    async def _news(self) -> AsyncIterator[None]:
        while self._done is None:
            yield
            await asyncio.sleep(POLL_SECONDS)

    def _told(self, record: ExecutionRecord) -> T:
        if document := document_of(record):
            raise problem_in(document, document["status"])
        return self._output(Answer(status=200, body=to_json(record.output)))

    def _output(self, answer: Answer) -> T:
        output: T = output_of(answer, self._name, self._returns)
        return output

    def _known_id(self) -> UUID:
        if self.id is None:
            raise LookupError("The service did it at once, and did not say where that is on record.")
        return self.id
