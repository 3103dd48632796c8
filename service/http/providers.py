"""FastAPI's dependency injection over the composition root.

What `app.dependency_overrides` puts in a provider's place reaches plain routes and actions alike.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from inspect import isawaitable
from typing import Annotated, Any

from fastapi import Depends, Request

from ports.action import Caller, Execution
from ports.checkpoint import Checkpoint
from ports.directory import Directory
from ports.files import FileStore
from ports.gateway import Gateway
from ports.history import History
from ports.leftovers import Leftovers
from ports.logger import Logger
from ports.progress import Progress
from ports.queue import Queue
from ports.repo import Repo
from ports.search import SearchIndex
from ports.search_upkeep import SearchUpkeep
from ports.serializer import Serializer
from ports.usage import Usage
from ports.workers import Workers
from service.composition import NOTHING, Adapters, Service
from service.http.headers import each_sent, trace_id_of
from service.http.limits import deadline_of
from service.runner import ActionRunner


def service_of(request: Request) -> Service:
    """Return the service that the app was made for."""
    service: Service = request.app.state.service
    return service


async def provide_caller(request: Request) -> Caller:
    """Return who sends the request by its bearer token (RFC 6750), or raise `Unauthenticated`."""
    sent = each_sent(request, b"authorization")
    scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")  # of two, a proxy may mean the other
    return await service_of(request).identity.caller(
        token.strip() if scheme.lower() == "bearer" else None, entry_point="http"
    )


CallerOf = Annotated[Caller, Depends(provide_caller)]


async def provide_action_runner(request: Request) -> ActionRunner:
    """Return a runner for this request's caller."""
    # It asks for the caller itself: each dependency more, on the one hot route, costs as much as half the runner.
    overrides = request.app.dependency_overrides
    caller = await _made(overrides[provide_caller]) if provide_caller in overrides else await provide_caller(request)
    replaced = await replaced_in(request) if overrides else NOTHING
    return ActionRunner(
        service_of(request), caller, trace_id=trace_id_of(request), deadline=deadline_of(request), replaced=replaced
    )


RunnerOf = Annotated[ActionRunner, Depends(provide_action_runner)]


async def provide_adapters(request: Request, caller: CallerOf) -> AsyncIterator[Adapters]:
    """Yield the adapters for a plain route, in a read-only transaction: what writes is an action."""
    execution = Execution(caller=caller, trace_id=trace_id_of(request))
    adapters = Adapters(service_of(request), execution, replaced=await replaced_in(request))
    async with adapters.unit_of_work.transaction(readonly=True):
        yield adapters


AdaptersOf = Annotated[Adapters, Depends(provide_adapters)]


async def provide_repo(adapters: AdaptersOf) -> Repo:
    """Return the repository."""
    return adapters.repo


async def provide_checkpoint(adapters: AdaptersOf) -> Checkpoint:
    """Return the checkpoint."""
    return adapters.checkpoint


async def provide_history(adapters: AdaptersOf) -> History:
    """Return the history."""
    return adapters.history


async def provide_work_queue(adapters: AdaptersOf) -> Queue:
    """Return the queue."""
    return adapters.work_queue


async def provide_workers(adapters: AdaptersOf) -> Workers:
    """Return the record of workers."""
    return adapters.workers


async def provide_usage(adapters: AdaptersOf) -> Usage:
    """Return what spaces, kits and tags hold."""
    return adapters.usage


async def provide_directory(adapters: AdaptersOf) -> Directory:
    """Return who the actors are."""
    return adapters.directory


async def provide_search(adapters: AdaptersOf) -> SearchIndex:
    """Return the search."""
    return adapters.search


async def provide_leftovers(adapters: AdaptersOf) -> Leftovers:
    """Return what is used by nothing."""
    return adapters.leftovers


async def provide_search_upkeep(adapters: AdaptersOf) -> SearchUpkeep:
    """Return what keeps the search index true."""
    return adapters.search_upkeep


async def provide_files(adapters: AdaptersOf) -> FileStore:
    """Return the file store."""
    return adapters.files


async def provide_gateway(adapters: AdaptersOf) -> Gateway:
    """Return the gateway."""
    return adapters.gateway


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
    "history": provide_history,
    "work_queue": provide_work_queue,
    "workers": provide_workers,
    "usage": provide_usage,
    "directory": provide_directory,
    "search": provide_search,
    "leftovers": provide_leftovers,
    "search_upkeep": provide_search_upkeep,
    "files": provide_files,
    "gateway": provide_gateway,
    "logger": provide_logger,
    "serializer": provide_serializer,
    "progress": provide_progress,
}


async def replaced_in(request: Request) -> Mapping[str, object]:
    """Return the adapters that overrides of their providers, which take no parameters, put in place."""
    overrides = request.app.dependency_overrides
    return {port: await _made(overrides[of]) for port, of in PROVIDERS.items() if of in overrides}


async def _made(override: Callable[[], object]) -> Any:
    made = override()
    return await made if isawaitable(made) else made
