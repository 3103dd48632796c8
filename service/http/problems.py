"""Problems as answers: every one that is no success is `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from secrets import token_hex

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ports.actions import InternalError
from ports.argument import ArgumentError, InvalidArguments
from ports.problem import Invalid, NotFound, Problem, Unauthenticated
from service.http.headers import trace_id_of
from service.http.methods import allow, allowed_at

MEDIA_TYPE = "application/problem+json"


class PathNotFound(NotFound):
    """There is nothing at this path.

    `GET /actions` lists what the service can do, `/docs` shows it.
    """


class MethodNotAllowed(Invalid):
    """This path takes another method.

    The header `Allow` names it: GET for what only reads, POST for what changes.
    """

    status = 405


class BadRequest(Invalid):
    """The request is not as HTTP asks."""

    status = 400


BY_STATUS: Mapping[int, type[Problem]] = {404: PathNotFound, 405: MethodNotAllowed}


def install_problems(app: FastAPI) -> None:
    """Make every error of `app` a problem."""
    app.add_exception_handler(Problem, _of_problem)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(ClientDisconnect, _of_nobody)
    app.add_exception_handler(Exception, _of_bug)


def problem_response(problem: Problem, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer for a problem that no execution stands behind."""
    body = to_json(problem.document(trace_id=trace_id_of(request) or token_hex(16)))
    return Response(body, problem.status, {**headers_of(problem), **(headers or {})}, MEDIA_TYPE)


def headers_of(problem: Problem | None) -> dict[str, str]:
    """Return the headers that the kind of problem asks for."""
    if isinstance(problem, Unauthenticated):
        return {"www-authenticate": "Bearer"}
    headers = {"retry-after": "1"} if problem is not None and problem.retryable else {}
    if problem is not None and problem.status == HTTPStatus.REQUEST_TIMEOUT:
        headers["connection"] = "close"  # what is left of the request is waited for no longer
    return headers


async def _of_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - it is registered for this type
    return problem_response(error, request)


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    problem, headers = BY_STATUS.get(error.status_code, BadRequest)(), error.headers
    if isinstance(problem, MethodNotAllowed):  # the one route of all actions has two methods, each of them has one
        headers = {"allow": allow(allowed_at(request) or (headers or {}).get("Allow", "GET"))}
    return problem_response(problem, request, headers)


async def _of_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [ArgumentError(pointer="/" + "/".join(map(str, e["loc"])), detail=e["msg"]) for e in error.errors()]
    return problem_response(InvalidArguments(errors=errors), request)


async def _of_nobody(request: Request, _: Exception) -> Response:
    return problem_response(BadRequest(), request)  # nobody is there to read it


async def _of_bug(request: Request, _: Exception) -> Response:
    return problem_response(InternalError(), request)
