"""Requests to one service: each sent until it is answered, where that is safe, within its deadline and a budget."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from adapters.http.client import HttpClient
from ports.gateway import (
    Answer,
    AnswerLost,
    AnswerTooLarge,
    DeadlineExceeded,
    ServiceUnreachable,
    UnexpectedAnswer,
)
from ports.problem import Problem
from service.remote.answers import problem_of
from service.remote.requests import Bounds, Request
from service.remote.retries import Budget, backoff, seconds_of

OK, ACCEPTED, NOT_ALLOWED = 200, 202, 405
Token = str | Callable[[], Awaitable[str]]


class Failure(NamedTuple):
    """Why an attempt came to nothing: whether another can help, may be made, and after how long at least."""

    problem: Problem
    helps: bool = False
    unsent: bool = False
    wait: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Sends requests to the service at `address`."""

    address: str
    token: Token
    client: HttpClient
    budget: Budget
    max_bytes: int

    async def send(self, request: Request, bounds: Bounds) -> Answer:
        """Return the answer of a success, or of a method that is not allowed; raise the `Problem` of all others."""
        self.budget.earn()
        lost: Problem | None = None
        attempt = 0
        while not isinstance(came := await self._attempt(request, bounds), Answer):
            if isinstance(came.problem, (AnswerLost, UnexpectedAnswer)):
                lost = came.problem
            delay = came.wait + backoff(attempt)
            in_time = asyncio.get_running_loop().time() + delay < bounds.deadline
            if not (in_time and self._may_repeat(request, came)):
                # That nothing can be done just now does not undo what an attempt before may have done.
                raise lost if lost and came.helps else came.problem
            await asyncio.sleep(delay)
            attempt += 1
        return came

    def _may_repeat(self, request: Request, came: Failure) -> bool:
        return came.helps and (request.repeatable or came.unsent) and self.budget.spend()

    async def _attempt(self, request: Request, bounds: Bounds) -> Answer | Failure:
        token = self.token if isinstance(self.token, str) else await self.token()
        try:
            answer = await self.client.send(
                request.method,
                self.address + request.path,
                headers={"authorization": f"Bearer {token}", **request.headers},
                body=request.body,
                deadline=bounds.deadline,
                trace_id=bounds.trace_id,
                max_bytes=self.max_bytes,
            )
        except ServiceUnreachable as problem:
            return Failure(problem, helps=True, unsent=True)
        except AnswerLost as problem:
            return Failure(problem, helps=True)
        except (AnswerTooLarge, DeadlineExceeded) as problem:
            return Failure(problem)
        came = answer if answer.status in (OK, ACCEPTED, NOT_ALLOWED) else _refused(answer)
        if isinstance(came, Answer) or not came.helps:
            self.budget.answered()
        return came


def _refused(answer: Answer) -> Failure:
    problem = problem_of(answer)
    return Failure(problem, helps=problem.retryable, wait=seconds_of(answer.headers.get("retry-after")))
