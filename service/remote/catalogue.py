"""What is known of a service's actions: how each is asked for, and whether asking twice is safe."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from ports.gateway import Answer, UnexpectedAnswer
from ports.problem import Problem

FRESH_SECONDS, AGAIN_SECONDS = 300.0, 10.0


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An action, as `GET /actions` lists it."""

    name: str
    method: str
    idempotent: bool = False
    idempotency_key: Literal["refused", "optional", "required"] = "refused"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What `GET /actions` answers."""

    items: list[Listed]


_LISTING = TypeAdapter(Listing)


class Catalogue:
    """The actions that a token allows, listed by the service when one is first asked for, and now and then again."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, asyncio.Lock()
        self._actions: Mapping[str, Listed] | None = None
        self._tried = float("-inf")

    async def find(self, name: str, fetch: Callable[[], Awaitable[Answer]]) -> Listed | None:
        """Return the action, or None if it is not listed: then it is unknown, or not for this caller.

        Raise the `Problem` of the first listing; one that cannot be renewed goes on being used.
        """
        if not self._is_due(name):
            return (self._actions or {}).get(name)
        async with self._lock:
            if self._is_due(name):  # nobody has renewed it meanwhile
                await self._renew(fetch)
        return (self._actions or {}).get(name)

    def _is_due(self, name: str) -> bool:
        if self._actions is None:
            return True
        return self._clock() - self._tried > (FRESH_SECONDS if name in self._actions else AGAIN_SECONDS)

    async def _renew(self, fetch: Callable[[], Awaitable[Answer]]) -> None:
        self._tried = self._clock()
        try:
            answer = await fetch()
            self._actions = {listed.name: listed for listed in _read(answer).items}
        except Problem:
            if self._actions is None:
                raise


def _read(answer: Answer) -> Listing:
    try:
        return _LISTING.validate_json(answer.body)
    except ValidationError:
        raise UnexpectedAnswer(answered=answer.status) from None
