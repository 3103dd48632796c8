"""The action runner of another service, over HTTP."""

import asyncio
import re
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from secrets import token_hex
from ssl import SSLContext
from typing import Any, Literal, Self, TypeVar, overload
from uuid import uuid4

from adapters.http.client import HttpClient
from ports.action import Execution
from ports.actions import UnknownAction
from ports.argument import written
from ports.gateway import Answer, DeadlineExceeded
from service.calls import DryRun
from service.remote.answers import output_of, problem_of
from service.remote.catalogue import Catalogue, Listed
from service.remote.handle import RemoteHandle
from service.remote.requests import LISTING, Bounds, How, Request, dry_run_of, request_of
from service.remote.retries import Budget
from service.remote.sending import NOT_ALLOWED, Sender, Token

T = TypeVar("T")
NAME = re.compile("[a-z0-9_]+")
MEBIBYTE = 1024 * 1024


class RemoteActionRunner:
    """Runs the actions of the service at `address`, as `ActionRunner` runs those of its own.

    One lasts as long as the process: `async with RemoteActionRunner("https://library", token=...) as library:`. The
    token is a text, or an async function that returns the one to send, for tokens that are renewed. Of what may be
    tried again (reading, writing with an idempotency key, what never reached the service) a failed attempt is, after a
    while and within a budget: see `Budget`. A key is made for each writing action that takes one.
    """

    def __init__(
        self,
        address: str,
        *,
        token: Token,
        timeout: float = 30.0,
        connections: int = 20,
        max_output_bytes: int = 16 * MEBIBYTE,
        tls: SSLContext | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._client = HttpClient(connections=connections, tls=tls)
        self._sender = Sender(
            address=address.rstrip("/"),
            token=token,
            client=self._client,
            budget=budget or Budget(),
            max_bytes=max_output_bytes,
        )
        self._catalogue, self._timeout, self._trace_id = Catalogue(), timeout, ""

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        await self._client.close()

    def during(self, execution: Execution) -> Self:
        """Return this runner for an execution, whose trace goes with what it asks; all else is shared."""
        traced = copy(self)
        traced._trace_id = execution.trace_id  # noqa: SLF001 - its own class
        return traced

    @overload
    async def execute(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        returns: type[T],
        key: str | None = ...,
        timeout: float | None = ...,  # noqa: ASYNC109
    ) -> T: ...
    @overload
    async def execute(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        dry_run: Literal[True],
        timeout: float | None = ...,  # noqa: ASYNC109
    ) -> DryRun: ...
    @overload
    async def execute(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        key: str | None = ...,
        timeout: float | None = ...,  # noqa: ASYNC109
    ) -> Any: ...
    async def execute(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        returns: type[Any] = object,
        key: str | None = None,
        dry_run: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109 - it goes on with the request
    ) -> Any:
        """Run an action and return its output, a `returns`, or plain JSON values without one; raise its `Problem`.

        A problem whose type is not known here is a `RemoteProblem`; those of the way there are in `ports.gateway`.
        `timeout` is in seconds, for all attempts together. Give a `key` of your own if you mean to ask again after a
        problem that says that it may have been done. A dry run returns a `DryRun`, whose output is plain JSON values.
        """
        how = How(dry_run=dry_run, key=key)
        answer = await self._answered(name, arguments, how, self._timeout if timeout is None else timeout)
        return output_of(answer, name, DryRun if dry_run else returns)

    @overload
    async def execute_async(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        returns: type[T],
        key: str | None = ...,
        timeout: float | None = ...,  # noqa: ASYNC109
    ) -> RemoteHandle[T]: ...
    @overload
    async def execute_async(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        key: str | None = ...,
        timeout: float | None = ...,  # noqa: ASYNC109
    ) -> RemoteHandle[Any]: ...
    async def execute_async(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        returns: type[Any] = object,
        key: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as of `execute`
    ) -> RemoteHandle[Any]:
        """Ask for an action in the background, and return its handle, which can be awaited; raise its `Problem`.

        `timeout` is for the service to accept it. Awaiting the handle outlasts a service that is away for as long as
        the runner's own timeout.
        """
        how = How(later=True, key=key)
        answer = await self._answered(name, arguments, how, self._timeout if timeout is None else timeout)
        return RemoteHandle(self._send, answer, name, returns, patience=self._timeout)

    async def _answered(self, name: str, arguments: Mapping[str, object], how: How, seconds: float) -> Answer:
        if not NAME.fullmatch(name):
            raise UnknownAction
        sent, bounds = written(arguments), self._bounds(seconds)
        try:
            async with asyncio.timeout(seconds) as scope:
                return await (self._try(name, sent, bounds) if how.dry_run else self._ask(name, sent, how, bounds))
        except TimeoutError:
            if scope.expired():
                raise DeadlineExceeded from None
            raise

    def _bounds(self, seconds: float) -> Bounds:
        ends = asyncio.get_running_loop().time() + seconds
        return Bounds(deadline=ends, trace_id=self._trace_id or token_hex(16))

    async def _send(self, request: Request, seconds: float) -> Answer:
        return await self._sender.send(request, self._bounds(seconds + self._timeout))

    async def _try(self, name: str, sent: bytes, bounds: Bounds) -> Answer:
        return await self._sender.send(dry_run_of(name, sent), bounds)

    async def _ask(self, name: str, sent: bytes, how: How, bounds: Bounds) -> Answer:
        listed = await self._catalogue.find(name, lambda: self._sender.send(LISTING, bounds))
        # What is not listed is asked for nevertheless, once: the service says why not.
        action = listed or Listed(name=name, method="POST")
        if how.key is None and action.idempotency_key != "refused":
            how = replace(how, key=uuid4().hex)
        answer = await self._sender.send(request_of(action, action.method, sent, how), bounds)
        method = answer.headers.get("allow", "").partition(",")[0]  # "GET, HEAD" for what only reads
        if answer.status == NOT_ALLOWED and method in ("GET", "POST"):
            answer = await self._sender.send(request_of(action, method, sent, how), bounds)
        if answer.status == NOT_ALLOWED:
            raise problem_of(answer)
        return answer
