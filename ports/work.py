"""The work list: executions in the ledger that wait for a worker, and those that have one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from ports.action import Caller, Execution
from ports.ledger import State

StopReason = Literal["cancelled", "lost"]


@dataclass(frozen=True, kw_only=True)
class Known:
    """An action that a worker can run, and how many of it may run at once over all workers, if not any number."""

    action: str
    concurrency: int | None = None


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """An execution that a worker has taken: `claim` is the number under which alone it may be ended."""

    id: UUID
    action: str
    caller: Caller
    arguments: str
    attempt: int
    claim: int
    trace_id: str
    started_at: datetime

    @property
    def execution(self) -> Execution:
        """What the handler is told: its time is that of the attempt."""
        return Execution(id=self.id, caller=self.caller, at=self.started_at, trace_id=self.trace_id)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What became of an attempt. `output` and `problem` are JSON text; `queued` is for another, in `wait` seconds."""

    state: State
    output: str | None = None
    problem: str | None = None
    space_id: UUID | None = None
    wait: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Held:
    """An execution that a worker holds, and how far it has come, if that is new: JSON text."""

    id: UUID
    claim: int
    progress: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lost:
    """An execution whose worker has not been heard of since its lease ended."""

    id: UUID
    action: str
    attempt: int
    claim: int
    trace_id: str
    cancelled: bool


class Work(Protocol):
    """The work list as workers use it, each call in a transaction of its own."""

    async def claim(
        self, known: Sequence[Known], *, worker: UUID, lease: float, most: int, only: UUID | None = None
    ) -> list[Claimed]:
        """Take up to `most` executions of these actions that are due, or `only` this one, and count the attempt.

        Those of a higher priority come first, then those that have been due for longer. `lease` is in seconds.
        """
        ...

    async def beat(self, held: Sequence[Held], *, lease: float | None) -> Mapping[tuple[UUID, int], StopReason]:
        """Keep the progress, and renew the leases unless that is None; return which must stop, by id and claim.

        They were `cancelled`, or are `lost`: another worker has or had them.
        """
        ...

    async def succeed(self, held: Held, *, output: str) -> bool:
        """End an attempt that did nothing else in the database, if that is all there is to do; return whether it was.

        It is not where the execution is followed, was cancelled, is another claim's, or is being changed by somebody
        else: see `Queue.end`.
        """
        ...

    async def give_back(self, held: Sequence[Held]) -> None:
        """Put back what was not ended, as though it had not been attempted."""
        ...

    async def listen(self, hear: Callable[[], None]) -> None:
        """Call `hear` after each commit that queued something, and whenever some may have been missed; for ever."""
        ...
