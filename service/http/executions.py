"""Executions over HTTP: what an execution came to, or how far it has come, at the address that answers name."""

from asyncio import get_running_loop
from collections.abc import AsyncIterator
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from service.http.actions import query_of
from service.http.answers import AGAIN_SECONDS, answer, fresh
from service.http.background import patience
from service.http.headers import has_seen, header, idempotency_key_of
from service.http.monitor import Monitor, Reading
from service.http.preferences import applied, preferences_of
from service.http.providers import RunnerOf, service_of

EVENTS = "text/event-stream"
UNSTORED = {"cache-control": "no-cache", "x-accel-buffering": "no", "vary": "Authorization"}
RECONNECT = b"retry: 1000\n\n"
HEARTBEAT = b":\n\n"
router = APIRouter(include_in_schema=False)


@router.get("/executions")
async def list_executions(request: Request, runner: RunnerOf) -> Response:
    """Answer what the action `list_executions` does, its arguments in the query."""
    handler = runner.service.registry.known("list_executions")
    return fresh(answer(await runner.run("list_executions", query_of(handler, request))), request)


@router.get("/executions/{execution_id}")
async def get_execution(request: Request, execution_id: str) -> Response:
    """Answer what the action `get_execution` does; to who prefers to wait, once there is something new to tell.

    That is what differs from the tag in `If-None-Match`, or without one the end.
    """
    monitor, wait = Monitor(request, execution_id), preferences_of(request).wait
    reading = await monitor.read()
    if wait is not None:
        wait = min(wait, service_of(request).settings.max_prefer_wait_seconds)
        reading = await _news(monitor, reading, request, seconds=patience(request, wait))
    answered = fresh(answer(reading.outcome), request)
    answered.headers["vary"] = "Authorization, Prefer"
    if wait is not None:
        answered.headers["preference-applied"] = applied(wait=wait)
    return answered


@router.delete("/executions/{execution_id}")
async def cancel_execution(request: Request, execution_id: str, runner: RunnerOf) -> Response:
    """Do what the action `cancel_execution` does, and answer the execution: 202 if it is still to stop.

    Who may cancel it but not read it is answered what the action does.
    """
    cancelled = await runner.run("cancel_execution", {"execution_id": execution_id}, key=idempotency_key_of(request))
    if cancelled.problem is not None:
        return answer(cancelled)
    read = await runner.run("get_execution", {"execution_id": execution_id})
    answered = answer(cancelled if read.problem is not None else read)
    if cancelled.output.state == "running":
        answered.status_code = HTTPStatus.ACCEPTED
        answered.headers.update({"location": f"/executions/{cancelled.output.id}", "retry-after": AGAIN_SECONDS})
    return answered


@router.get("/executions/{execution_id}/events")
async def follow_execution(request: Request, execution_id: str) -> Response:
    """Send the execution as an event each time that it has changed (server-sent events), and end after its end.

    An event's id is the entity tag of what it tells. Who has seen the last one (`Last-Event-ID`) is told 204, which
    ends an EventSource.
    """
    monitor = Monitor(request, execution_id)
    reading = await monitor.read()
    if reading.outcome.problem is not None:
        return answer(reading.outcome)
    seen = header(request, b"last-event-id") == _id_of(reading)
    if seen and reading.final:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    if request.method == "HEAD":
        return Response(headers=UNSTORED, media_type=EVENTS)
    return StreamingResponse(_events(monitor, reading, seen=seen), headers=UNSTORED, media_type=EVENTS)


async def _news(monitor: Monitor, reading: Reading, request: Request, *, seconds: float) -> Reading:
    """Return the first reading that the caller waits for, or the last one there was in time."""
    any_news = bool(header(request, b"if-none-match"))
    until = get_running_loop().time() + seconds
    while not reading.final and (not any_news or has_seen(request, reading.etag)):
        newer = await monitor.differing(reading, seconds=until - get_running_loop().time())
        if newer is None:
            break
        reading = newer
    return reading


async def _events(monitor: Monitor, first: Reading, *, seen: bool) -> AsyncIterator[bytes]:
    yield RECONNECT if seen else RECONNECT + _event(first)
    async for reading in monitor.followed(first):
        yield HEARTBEAT if reading is None else _event(reading)


def _event(reading: Reading) -> bytes:
    return b"event: execution\nid: %b\ndata: %b\n\n" % (_id_of(reading).encode(), reading.outcome.body)


def _id_of(reading: Reading) -> str:
    return reading.etag.strip('"')
