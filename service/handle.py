"""What a caller holds of an execution in the background: to wait for it, look at it, and cancel it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Generator
from typing import Any, Generic, TypeVar

from ports.background import JITTER
from ports.history import ExecutionRecord
from ports.ledger import OPEN, State
from ports.problem import Problem

T = TypeVar("T")
WAIT_SECONDS = 20.0  # of each look; one who waits for longer looks again
POLL_SECONDS = 1.0  # so far apart, at least, are looks at what has not ended
AGAIN_SECONDS, LONGEST_SECONDS = 0.5, 5.0


class ExecutionHandle(ABC, Generic[T]):
    """An execution that was asked for: `await handle` is its output, as `execute` would have returned it.

    It goes on whether or not somebody waits. `patience` is for how many seconds of failing to look at it who waits goes
    on trying.
    """

    patience: float = 60.0

    def __await__(self) -> Generator[Any, None, T]:
        """Return its output, or raise its `Problem`, whenever that is."""
        return self.result().__await__()

    async def result(self, *, timeout: float | None = None) -> T:  # noqa: ASYNC109 - as everything that waits has it
        """Return its output once it has ended, or raise its `Problem`.

        Raise `TimeoutError` if that takes longer than `timeout` seconds: it goes on, and may be waited for again.
        """
        clock = asyncio.get_running_loop().time
        async with asyncio.timeout(timeout):
            while True:
                asked = clock()
                record = await self._steadily(wait=WAIT_SECONDS)
                if record.state not in OPEN:
                    return self._told(record)
                await asyncio.sleep(POLL_SECONDS - (clock() - asked))  # where nobody waited, or not for long

    @abstractmethod
    async def record(self, *, wait: float = 0.0) -> ExecutionRecord:
        """Return what is on record of it: once it has ended, or as it is after `wait` seconds."""

    @abstractmethod
    async def cancel(self) -> State:
        """Cancel it, and return `cancelled`, or `running` for what ends within a second or so.

        Raise the `Problem` of the action `cancel_execution`.
        """

    async def progress(self) -> AsyncIterator[ExecutionRecord]:
        """Yield its record now, and whenever that has changed; the last one is that of its end."""
        seen = None
        async for _ in self._news():
            record = await self._steadily(wait=0.0)
            if record != seen:
                yield record
            if record.state not in OPEN:
                return
            seen = record

    @abstractmethod
    def _news(self) -> AsyncIterator[None]:
        """Yield now, and whenever there may be something new to look at."""

    @abstractmethod
    def _told(self, record: ExecutionRecord) -> T:
        """Return the output of what has ended, or raise its problem."""

    async def _steadily(self, *, wait: float) -> ExecutionRecord:
        """Look at it, and go on trying where that fails and may heal."""
        clock, pause = asyncio.get_running_loop().time, AGAIN_SECONDS
        until = clock() + wait + self.patience
        while True:
            try:
                return await self.record(wait=wait)
            except Problem as problem:
                if not problem.retryable or clock() > until:
                    raise
                await asyncio.sleep(pause * JITTER.uniform(0.5, 1.5))
                pause = min(2 * pause, LONGEST_SECONDS)


def document_of(record: ExecutionRecord) -> dict[str, Any] | None:
    """Return the problem document on record, if there is one."""
    if record.problem is None:
        return None
    told = {name: value for name, value in vars(record.problem).items() if name != "members" and value is not None}
    return told | record.problem.members
