"""FastAPI's dependency injection over the composition root.

What `app.dependency_overrides` puts in a provider's place reaches plain routes and actions alike.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from inspect import isawaitable
from secrets import token_hex
from typing import Annotated

from fastapi import Depends, Request

from ports.action import Caller, Execution
from ports.checkpoint import Checkpoint
from ports.files import FileStore
from ports.logger import Logger
from ports.progress import Progress
from ports.repo import Repo
from ports.serializer import Serializer
from service.composition import NOTHING, Adapters, Service
from service.runner import ActionRunner

TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


def service_of(request: Request) -> Service:
    """Return the service that the app was made for."""
    service: Service = request.app.state.service
    return service


def trace_id_of(request: Request) -> str:
    """Return the trace id of the request's `traceparent` (W3C Trace Context), or a new one; always the same one."""
    state = request.scope.setdefault("state", {})
    if "trace_id" not in state:
        sent = request.headers.get("traceparent")
        found = TRACEPARENT.fullmatch(sent) if sent else None
        state["trace_id"] = found[1] if found else token_hex(16)
    trace_id: str = state["trace_id"]
    return trace_id


async def provide_caller(request: Request) -> Caller:
    """Return who sends the request by its bearer token (RFC 6750), or raise `Unauthenticated`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return await service_of(request).identity.caller(
        token.strip() if scheme.lower() == "bearer" else None, entry_point="http"
    )


CallerOf = Annotated[Caller, Depends(provide_caller)]


async def provide_action_runner(request: Request, caller: CallerOf) -> ActionRunner:
    """Return a runner for this request."""
    return ActionRunner(service_of(request), caller, trace_id=trace_id_of(request), replaced=await replaced_in(request))


RunnerOf = Annotated[ActionRunner, Depends(provide_action_runner)]


async def provide_adapters(request: Request, caller: CallerOf) -> AsyncIterator[Adapters]:
    """Yield the adapters for a plain route, in a read-only transaction: what writes is an action."""
    execution = Execution(caller=caller, trace_id=trace_id_of(request))
    adapters = service_of(request).adapters(execution, replaced=await replaced_in(request))
    async with adapters.unit_of_work.transaction(readonly=True):
        yield adapters


AdaptersOf = Annotated[Adapters, Depends(provide_adapters)]


async def provide_repo(adapters: AdaptersOf) -> Repo:
    """Return the repository."""
    return adapters.repo


async def provide_checkpoint(adapters: AdaptersOf) -> Checkpoint:
    """Return the checkpoint."""
    return adapters.checkpoint


async def provide_files(adapters: AdaptersOf) -> FileStore:
    """Return the file store."""
    return adapters.files


async def provide_logger(adapters: AdaptersOf) -> Logger:
    """Return the log."""
    return adapters.logger


async def provide_serializer(adapters: AdaptersOf) -> Serializer:
    """Return the serializer."""
    return adapters.serializer


async def provide_progress(adapters: AdaptersOf) -> Progress:
    """Return where progress is reported."""
    return adapters.progress


PROVIDERS: Mapping[str, Callable[..., object]] = {
    "repo": provide_repo,
    "checkpoint": provide_checkpoint,
    "files": provide_files,
    "logger": provide_logger,
    "serializer": provide_serializer,
    "progress": provide_progress,
}


async def replaced_in(request: Request) -> Mapping[str, object]:
    """Return the adapters that overrides of their providers, which take no parameters, put in place."""
    overrides = request.app.dependency_overrides
    if not overrides:
        return NOTHING
    made = {port: overrides[provider]() for port, provider in PROVIDERS.items() if provider in overrides}
    return {port: await adapter if isawaitable(adapter) else adapter for port, adapter in made.items()}
