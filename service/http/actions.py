"""Actions over HTTP: one generic route; the document's operations are made from the registry."""

from asyncio import CancelledError
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from ports.action import ActionHandler
from ports.actions import ExecutionCancelled
from ports.argument import from_text
from ports.ledger import takes_key
from service.http.headers import etag_of, has_seen, idempotency_key_of
from service.http.limits import body_of
from service.http.problems import MEDIA_TYPE, MethodNotAllowed, headers_of, problem_response
from service.http.providers import RunnerOf
from service.outcome import Outcome

router = APIRouter()


async def run_action(request: Request, runner: RunnerOf) -> Response:
    """Run an action: what only reads by GET, with its arguments in the query, all else by POST, with a JSON body."""
    name: str = request.path_params["name"]
    handler = runner.service.registry.known(name)
    if handler is not None and not handler.internal and request.method != (method := method_of(handler)):
        return problem_response(MethodNotAllowed(), request, {"allow": method})
    try:
        if request.method == "GET":
            return fresh(answer(await runner.run(name, _query(handler, request))), request)
        body = await body_of(request, runner.service.settings)
        return answer(await runner.run(name, body, key=idempotency_key_of(request)))
    except CancelledError:  # the service is stopping: a client that leaves cancels nothing
        return problem_response(ExecutionCancelled(), request)


async def try_action(request: Request, runner: RunnerOf) -> Response:
    """Do all that an action does, keep nothing of it, and answer what it would have returned and changed."""
    body = await body_of(request, runner.service.settings)
    return answer(await runner.run(request.path_params["name"], body, dry_run=True))


@router.get("/actions", operation_id="list_actions", tags=["service"], summary="List the actions that you may run.")
async def list_actions(request: Request, runner: RunnerOf) -> Response:
    """List the actions that your credentials allow; each is an operation of this document."""
    items = [
        {
            "name": name,
            "method": method_of(handler),
            "path": f"/actions/{name}",
            "summary": summary_of(handler),
            "permission": handler.permission,
            "readonly": handler.readonly,
            "idempotent": handler.readonly or handler.idempotent,
            "idempotency_key": key_policy_of(handler),
        }
        for name, handler in runner.service.registry.public()
        if runner.caller.may(handler.permission, operator=handler.operator)
    ]
    return fresh(Response(to_json({"items": items, "next_cursor": None}), media_type="application/json"), request)


def answer(outcome: Outcome) -> Response:
    """Return the answer that an outcome is."""
    headers = headers_of(outcome.problem)
    if outcome.replayed:
        headers["idempotent-replayed"] = "true"
    if outcome.problem is None:
        return Response(outcome.body, 200, headers, "application/json")
    return Response(outcome.body, outcome.problem.status, headers, MEDIA_TYPE)


def fresh(response: Response, request: Request) -> Response:
    """Return a success of reading with its entity tag, or 304 to who has it already."""
    if response.status_code != HTTPStatus.OK:
        return response
    etag = etag_of(bytes(response.body))
    headers = {"etag": etag, "cache-control": "private, no-cache", "vary": "Authorization"}
    if has_seen(request, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return response


def method_of(handler: type[ActionHandler]) -> str:
    """Return GET for an action that only reads and whose arguments fit a query: none is secret or an object."""
    return "GET" if handler.readonly and handler.flat and not handler.secrets else "POST"


def key_policy_of(handler: type[ActionHandler]) -> Literal["refused", "optional", "required"]:
    """Return what an Idempotency-Key is to an action: what only reads needs none, and what is secret is not kept."""
    if not takes_key(handler):
        return "refused"
    return "required" if handler.key_required else "optional"


def summary_of(handler: type[ActionHandler]) -> str:
    """Return the first sentence of the handler's docstring."""
    return " ".join((handler.__doc__ or "").strip().partition("\n\n")[0].split())


def _query(handler: type[ActionHandler] | None, request: Request) -> dict[str, object]:
    texts: dict[str, list[str]] = {}
    for name, text in request.query_params.multi_items():
        texts.setdefault(name, []).append(text)
    return from_text(handler.arguments if handler else {}, texts)
