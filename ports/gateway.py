"""The gateway: requests to other services, and what can come of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from ports.problem import Invalid, Problem, Unavailable

T = TypeVar("T")
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
TRANSIENT = frozenset({429, 502, 503, 504})


class ServiceUnreachable(Unavailable):
    """Another service cannot be reached at the moment.

    Nothing was asked of it. Try again in a while.
    """


class AnswerLost(Unavailable):
    """The connection to another service was lost before it answered.

    What was asked of it may have been done. With an Idempotency-Key, asking the same again is safe.
    """

    status = 502


class DeadlineExceeded(Unavailable):
    """Another service did not answer in time.

    What was asked of it may have been done. With an Idempotency-Key, asking the same again is safe.
    """

    status = 504


class AnswerTooLarge(Problem):
    """Another service answered with more than is read of an answer.

    Ask it for less at once.
    """

    status = 502
    limit: int


class UnexpectedAnswer(Problem):
    """Another service, or a proxy before it, answered with something that is not of its contract.

    `answered` is the status of that answer; trying again can help if it is 429, 502, 503 or 504.
    """

    status = 502
    answered: int

    def __init__(self, *, answered: int) -> None:
        super().__init__(answered=answered)
        vars(self)["retryable"] = answered in TRANSIENT


class UrlRefused(Invalid):
    """This URL is not asked for anything."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a service answered: the names of `headers` are in lower case, and `body` is as it came."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def read(self, kind: type[T]) -> T:
        """Return the JSON body as a `kind`. Raise `UnexpectedAnswer` if it is none."""
        try:
            return TypeAdapter(kind).validate_json(self.body)
        except ValidationError:
            raise UnexpectedAnswer(answered=self.status) from None


class Gateway(Protocol):
    """HTTP to other services, for a handler.

    It goes to the hosts that the operator allows, and to no others: which addresses are private does not matter, so a
    URL that came from a caller leads nowhere else. Redirects are answers, not followed; cookies are not kept. What is
    asked of others is not undone with the transaction, and holds it open: ask for little, with a short `timeout`.
    """

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        json: object = None,
        body: bytes = b"",
        timeout: float = 10.0,  # noqa: ASYNC109 - it counts for the whole request, retries by the caller apart
    ) -> Answer:
        """Return the answer, whatever its status; it is asked for once, and the execution's trace goes with it.

        `json`, if it is not None, is sent as JSON in the place of `body`; `timeout` is in seconds, for all of it.
        Raise `UrlRefused`, `ServiceUnreachable`, `AnswerLost`, `DeadlineExceeded` or `AnswerTooLarge`.
        """
        ...
