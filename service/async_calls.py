"""Asking for an action in the background, and holding on to it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar, Unpack, overload
from uuid import UUID

from pydantic_core import to_json

from ports.action import Caller
from ports.background import Wishes
from ports.history import ExecutionRecord
from ports.ledger import OPEN, State
from ports.problem import Problem
from service.calls import Calls, as_returned
from service.composition import Adapters, Service
from service.handle import POLL_SECONDS, WAIT_SECONDS, ExecutionHandle, document_of
from service.run import new_execution

T = TypeVar("T")


class AsyncCalls(Calls):
    """`execute_async` for the action runner."""

    service: Service
    caller: Caller
    _outer: Adapters | None

    @overload
    async def execute_async(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        returns: type[T],
        key: str | None = ...,
        **later: Unpack[Wishes],
    ) -> "Handle[T]": ...
    @overload
    async def execute_async(
        self, name: str, arguments: Mapping[str, object], *, key: str | None = ..., **later: Unpack[Wishes]
    ) -> "Handle[Any]": ...
    async def execute_async(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        returns: type[Any] = object,
        key: str | None = None,
        **later: Unpack[Wishes],
    ) -> "Handle[Any]":
        """Validate an action and queue it, and return its handle, which can be awaited; raise its `Problem`.

        See `Later` for what may be wished. With a `key` that was used before, or of an action that is unique, the
        handle is that of the execution there is already. Within an action there is only `enqueue`, a RuntimeError
        says: its transaction would have to end before anything of it runs.
        """
        if self._outer is not None:
            raise RuntimeError("What an action enqueues is run after it has ended, so it cannot wait: use `enqueue`.")
        return Handle(self, await self.enqueue(name, arguments, key=key, **later), returns)


class Handle(ExecutionHandle[T]):
    """An execution of this service, as one who may run actions here sees it."""

    def __init__(self, runner: AsyncCalls, id: UUID, returns: type[T]) -> None:
        self.id = id
        self._runner, self._returns = runner, returns

    async def record(self, *, wait: float = 0.0) -> ExecutionRecord:
        """See `ExecutionHandle`: what is another's, for one, is seen by who may see it. Raise `EntityNotFound`."""
        found = await self._seen()
        if wait and found.state in OPEN:
            await self._runner.service.watch.end(self.id, seconds=wait)
            found = await self._seen()
        return found

    async def _seen(self) -> ExecutionRecord:
        service, caller = self._runner.service, self._runner.caller
        adapters = Adapters(service, new_execution(caller, outer=None, trace_id=""))
        async with adapters.unit_of_work.transaction(readonly=True):
            found = await adapters.history.execution(self.id)
        if found.actor == caller.actor:
            return found
        return await self._runner.execute("get_execution", {"execution_id": self.id}, returns=ExecutionRecord)

    async def cancel(self) -> State:
        """See `ExecutionHandle`."""
        cancelled = await self._runner.execute("cancel_execution", {"execution_id": self.id})
        state: State = cancelled.state
        return state

    async def _news(self) -> AsyncIterator[None]:
        seen = None
        while True:
            yield
            glimpse = await self._runner.service.watch.news(self.id, seen=seen, seconds=WAIT_SECONDS)
            if glimpse is None:  # or nobody watches any more, since the service is stopping
                await asyncio.sleep(POLL_SECONDS)
            else:
                seen = glimpse.stamp

    def _told(self, record: ExecutionRecord) -> T:
        if document := document_of(record):
            raise Problem.from_document(document)
        handler = self._runner.service.registry.known(record.action)
        output: Any = handler.output.validate_json(to_json(record.output)) if handler else record.output
        returned: T = as_returned(record.action, output, self._returns)
        return returned
