"""Actions over HTTP: one generic route; the document's operations are made from the registry."""

from asyncio import CancelledError

from fastapi import Request, Response

from ports.action import ActionHandler
from ports.actions import ExecutionCancelled
from ports.argument import from_text
from ports.problem import Problem
from service.http.answers import answer, fresh
from service.http.background import answer_later
from service.http.deprecation import told
from service.http.headers import idempotency_key_of
from service.http.limits import body_of
from service.http.methods import allow, method_of
from service.http.preferences import NONE, preferences_of
from service.http.problems import MethodNotAllowed, problem_response
from service.http.providers import RunnerOf


async def run_action(request: Request, runner: RunnerOf) -> Response:
    """Run an action: what only reads by GET, with its arguments in the query, all else by POST, with a JSON body."""
    name: str = request.path_params["name"]
    handler = runner.service.registry.known(name)
    reading = request.method != "POST"
    if handler is not None and not handler.internal and reading != ((method := method_of(handler)) == "GET"):
        return problem_response(MethodNotAllowed(), request, {"allow": allow(method)})
    try:
        answered = await _answered(name, handler, request, runner)
    except Problem as problem:
        answered = problem_response(problem, request)
    except CancelledError:  # the service is stopping: a client that leaves cancels nothing
        answered = problem_response(ExecutionCancelled(), request)
    if handler is not None and handler.deprecated and not handler.internal:
        answered.headers.update(told(handler.deprecated))
    return answered


async def try_action(request: Request, runner: RunnerOf) -> Response:
    """Do all that an action does, keep nothing of it, and answer what it would have returned and changed."""
    try:
        body = await body_of(request, runner.service.settings)
        return answer(await runner.run(request.path_params["name"], body, dry_run=True))
    except CancelledError:  # as above
        return problem_response(ExecutionCancelled(), request)


async def _answered(name: str, handler: type[ActionHandler] | None, request: Request, runner: RunnerOf) -> Response:
    if request.method != "POST":
        return fresh(answer(await runner.run(name, query_of(handler, request))), request)
    body = await body_of(request, runner.service.settings)
    preferences = NONE if handler is None or handler.readonly else preferences_of(request)
    outcome = await runner.run(name, body, key=idempotency_key_of(request), later=preferences.later)
    if handler is None or outcome.state != "queued":
        return answer(outcome)
    return await answer_later(outcome, handler, preferences, request, runner)


def query_of(handler: type[ActionHandler] | None, request: Request) -> dict[str, object]:
    """Return the arguments that the query is, as JSON would have them."""
    texts: dict[str, list[str]] = {}
    for name, text in request.query_params.multi_items():
        texts.setdefault(name, []).append(text)
    return from_text(handler.arguments if handler else {}, texts, null=False)
