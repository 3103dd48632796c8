"""Outcomes as answers."""

from http import HTTPStatus

from fastapi import Request, Response

from service.http.headers import etag_of, has_seen
from service.http.problems import MEDIA_TYPE, headers_of
from service.outcome import Outcome

AGAIN_SECONDS = "1"  # after which there may be something new to tell of what waits for a worker


def answer(outcome: Outcome) -> Response:
    """Return the answer that an outcome is: of what waits for a worker, 202, and where to see how far it has come."""
    headers = headers_of(outcome.problem)
    if outcome.replayed:
        headers["idempotent-replayed"] = "true"
    if outcome.state == "queued":
        headers |= {"location": f"/executions/{outcome.output.id}", "retry-after": AGAIN_SECONDS}
        return Response(outcome.body, HTTPStatus.ACCEPTED, headers, "application/json")
    if outcome.problem is None:
        return Response(outcome.body, HTTPStatus.OK, headers, "application/json")
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
