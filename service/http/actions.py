"""Actions over HTTP: one generic route; the document's operations are made from the registry."""

from asyncio import CancelledError
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request, Response

from ports.action import ActionHandler
from ports.actions import ExecutionCancelled
from ports.argument import from_text
from ports.problem import Problem, Unauthenticated
from service.http.deprecation import told
from service.http.methods import method_of
from service.http.openapi.answers import answering
from service.http.problems import (
    MEDIA_TYPE,
    BodyTooLarge,
    MethodNotAllowed,
    UnsupportedMediaType,
    headers_of,
    problem_response,
)
from service.http.providers import RunnerOf, header
from service.outcome import Outcome

router = APIRouter()


@dataclass(frozen=True, kw_only=True)
class ActionSummary:
    """An action that you may run, and how: its operation is in the document."""

    name: str
    method: Literal["GET", "POST"]
    path: str
    summary: str
    permission: str
    deprecated: bool


@dataclass(frozen=True, kw_only=True)
class ActionList:
    """The actions, all of them in one page."""

    items: list[ActionSummary]
    next_cursor: None = None


async def run_action(request: Request, runner: RunnerOf) -> Response:
    """Run an action: what only reads by GET, with its arguments in the query, all else by POST, with a JSON body."""
    name: str = request.path_params["name"]
    handler = runner.service.registry.known(name)
    if handler is not None and not handler.internal and request.method != (method := method_of(handler)):
        return problem_response(MethodNotAllowed(), request, {"allow": method})
    try:
        sent = _query(handler, request) if request.method == "GET" else await _body(request, runner)
        answered = answer(await runner.run(name, sent, key=_key(request)))
    except Problem as problem:
        answered = problem_response(problem, request)
    except CancelledError:  # the service is stopping: a client that leaves cancels nothing
        answered = problem_response(ExecutionCancelled(), request)
    if handler is not None and handler.deprecated and not handler.internal:
        answered.headers.update(told(handler.deprecated))
    return answered


@router.get(
    "/actions",
    operation_id="list_actions",
    tags=["service"],
    summary="List the actions that you may run.",
    response_description="Those that your credentials allow.",
    openapi_extra=answering(Unauthenticated),
)
async def list_actions(runner: RunnerOf) -> ActionList:
    """List the actions that your credentials allow; each is an operation of this document."""
    items = [
        ActionSummary(
            name=name,
            method=method_of(handler),
            path=f"/actions/{name}",
            summary=summary_of(handler),
            permission=handler.permission,
            deprecated=handler.deprecated is not None,
        )
        for name, handler in runner.service.registry.public()
        if runner.caller.may(handler.permission)
    ]
    return ActionList(items=items)


def answer(outcome: Outcome) -> Response:
    """Return the answer that an outcome is."""
    headers = headers_of(outcome.problem)
    if outcome.replayed:
        headers["idempotent-replayed"] = "true"
    if outcome.problem is None:
        return Response(outcome.body, 200, headers, "application/json")
    return Response(outcome.body, outcome.problem.status, headers, MEDIA_TYPE)


def summary_of(handler: type[ActionHandler]) -> str:
    """Return the first sentence of the handler's docstring."""
    return " ".join((handler.__doc__ or "").strip().partition("\n\n")[0].split())


def _query(handler: type[ActionHandler] | None, request: Request) -> dict[str, object]:
    texts: dict[str, list[str]] = {}
    for name, text in request.query_params.multi_items():
        texts.setdefault(name, []).append(text)
    return from_text(handler.arguments if handler else {}, texts)


def _key(request: Request) -> str | None:
    """Return the Idempotency-Key: a string of RFC 8941, in double quotes, or as it is; an empty one is one, too."""
    for name, value in request.scope["headers"]:
        if name == b"idempotency-key":
            key = str(value, "latin-1")
            return key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
    return None


async def _body(request: Request, runner: RunnerOf) -> bytes:
    if not _is_json(header(request, b"content-type")):
        raise UnsupportedMediaType
    limit = runner.service.settings.max_body_bytes
    length = header(request, b"content-length")
    if length.isdecimal() and int(length) <= limit:
        return await request.body()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(limit=limit)
    return bytes(body)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
