"""Actions that are run in the background, as HTTP tells of them: accepted, or waited for."""

from asyncio import CancelledError, get_running_loop
from contextlib import suppress

from fastapi import Request, Response

from ports.action import ActionHandler
from service.ended import outcome_within
from service.http.answers import answer
from service.http.limits import deadline_of
from service.http.preferences import Preferences, applied
from service.outcome import Outcome
from service.runner import ActionRunner


async def answer_later(
    accepted: Outcome, handler: type[ActionHandler], preferences: Preferences, request: Request, runner: ActionRunner
) -> Response:
    """Return the answer of an action that was queued: what came of it, if it ends while the caller waits, else 202."""
    ended = None
    wait = preferences.wait and min(preferences.wait, runner.service.settings.max_prefer_wait_seconds)
    if wait:
        seconds = patience(request, wait)
        with suppress(CancelledError):  # the service is stopping; what was accepted is kept
            ended = await outcome_within(seconds, accepted, handler, service=runner.service, actor=runner.caller.actor)
    answered = answer(ended or accepted)
    waits_only = ended is not None or not preferences.respond_async
    if honoured := applied(respond_async=not waits_only, wait=wait):
        answered.headers["preference-applied"] = honoured
    answered.headers["vary"] = "Prefer"
    return answered


def patience(request: Request, wait: int) -> float:
    """Return for how many seconds to wait: as preferred, unless the caller stops waiting earlier."""
    deadline = deadline_of(request)
    return wait if deadline is None else min(wait, deadline - get_running_loop().time())
