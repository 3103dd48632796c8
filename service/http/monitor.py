"""The monitor: an execution as a caller may see it, read again whenever there is something new to tell."""

from asyncio import get_running_loop
from collections.abc import AsyncIterator
from typing import NamedTuple, Self
from uuid import UUID

from fastapi import Request

from ports.ledger import OPEN
from ports.problem import Problem
from service.http.headers import etag_of
from service.http.providers import provide_action_runner, service_of
from service.outcome import Outcome

HEARTBEAT_SECONDS = 15.0


class Reading(NamedTuple):
    """What the action `get_execution` answered at one time."""

    outcome: Outcome
    etag: str

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """Return the reading that an outcome is."""
        return cls(outcome, etag_of(outcome.body))

    @property
    def id(self) -> UUID:
        """Which execution it is."""
        read: UUID = self.outcome.output.id
        return read

    @property
    def final(self) -> bool:
        """Whether nothing will change any more, or nothing may be told."""
        return self.outcome.problem is not None or self.outcome.output.state not in OPEN


class Monitor:
    """Reads one execution by the action `get_execution`, each time with the credentials of the request as they are."""

    def __init__(self, request: Request, execution_id: str) -> None:
        self._request, self._execution_id = request, execution_id
        self._watch = service_of(request).watch
        self._stamp: str | None = None

    async def read(self) -> Reading:
        """Return it as it is. Raise a problem of the credentials."""
        runner = await provide_action_runner(self._request)
        return Reading.of(await runner.run("get_execution", {"execution_id": self._execution_id}))

    async def differing(self, last: Reading, *, seconds: float) -> Reading | None:
        """Return it as soon as it differs from the `last` reading; None if it does not within that time."""
        now = get_running_loop().time
        until = now() + seconds
        # What has changed since the glimpse is in the reading that follows it, or in the next glimpse.
        while glimpse := await self._watch.news(last.id, seen=self._stamp, seconds=until - now()):
            self._stamp = glimpse.stamp
            reading = await self.read()
            if reading.etag != last.etag:
                return reading
        return None

    async def followed(self, first: Reading, *, heartbeat: float = HEARTBEAT_SECONDS) -> AsyncIterator[Reading | None]:
        """Yield it each time that it differs, until it is final or the service stops; None after a silence.

        What may not be told any more ends it, too.
        """
        last = first
        while not last.final:
            try:
                reading = await self.differing(last, seconds=heartbeat)
            except Problem:
                return
            if self._watch.closed if reading is None else reading.outcome.problem is not None:
                return
            yield reading
            last = reading or last
