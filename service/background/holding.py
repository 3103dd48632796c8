"""What a worker holds: the executions that it has claimed and not yet ended."""

import asyncio
from collections.abc import Callable
from typing import Literal
from uuid import UUID

from pydantic_core import to_json

from adapters.structlog.logger import unbound_log
from ports.work import Claimed, Held, StopReason
from service.background.attempts import attempt, cancel
from service.composition import Service

UNWINDING_SECONDS = 5.0


class Attempt:
    """An execution as it is attempted; the `progress` that its handler reports to."""

    def __init__(self, claimed: Claimed, since: float) -> None:
        self.claimed, self.since = claimed, since
        self.stopped_for: StopReason | Literal["drain"] | None = None
        self.task: asyncio.Future[None] | None = None
        self._reported: dict[str, object] | None = None

    def report(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """See `Progress`."""
        self._reported = {"done": done, "total": total, "note": note}

    def held(self) -> Held:
        """Return what the ledger is told of it: progress only if there is some that it was not told of."""
        reported, self._reported = self._reported, None
        progress = to_json(reported).decode() if reported else None
        return Held(id=self.claimed.id, claim=self.claimed.claim, progress=progress)

    def stop(self, reason: StopReason | Literal["drain"]) -> None:
        """Have it stop where it awaits; a commit that has begun goes on."""
        if self.stopped_for is None and self.task is not None:
            self.stopped_for = reason
            self.task.cancel()


class Holding:
    """Attempts under way, at most `capacity`; `freed` is called when one has ended."""

    def __init__(self, service: Service, *, capacity: int, freed: Callable[[], None]) -> None:
        self._service, self._capacity, self._freed = service, capacity, freed
        self._attempts: dict[tuple[UUID, int], Attempt] = {}

    @property
    def running(self) -> int:
        """How many are under way."""
        return len(self._attempts)

    @property
    def free(self) -> int:
        """How many more may be."""
        return self._capacity - len(self._attempts)

    def start(self, claimed: Claimed) -> asyncio.Future[None]:
        """Begin an attempt, and return what is done when it has ended, however it did."""
        begun = Attempt(claimed, asyncio.get_running_loop().time())
        self._attempts[claimed.id, claimed.claim] = begun
        begun.task = asyncio.ensure_future(self._carry_out(begun))
        return begun.task

    async def beat(self, *, lease: float | None, older_than: float) -> None:
        """Tell the ledger of attempts begun so many seconds ago, and stop those that it says must stop."""
        before = asyncio.get_running_loop().time() - older_than
        held = [begun.held() for begun in self._attempts.values() if begun.since < before]
        if not held:
            return
        for key, reason in (await self._service.work.beat(held, lease=lease)).items():
            if begun := self._attempts.get(key):
                begun.stop(reason)

    async def drain(self, seconds: float) -> None:
        """Let what is under way end for so many seconds; then stop the rest, and give it back."""
        tasks = [begun.task for begun in self._attempts.values() if begun.task]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        left = [*self._attempts.values()]
        for begun in left:
            begun.stop("drain")
        if tasks := [begun.task for begun in left if begun.task]:
            await asyncio.wait(tasks, timeout=UNWINDING_SECONDS)
            await self._service.work.give_back([begun.held() for begun in left])

    async def _carry_out(self, begun: Attempt) -> None:
        try:
            await attempt(self._service, begun.claimed, replaced={"progress": begun})
        except asyncio.CancelledError:
            if begun.stopped_for == "cancelled":
                await cancel(self._service, begun.claimed)
        except Exception as error:  # noqa: BLE001 - the execution is taken over when its lease ends
            unbound_log().error("attempt.unwritten", execution_id=begun.claimed.id, exc_info=error)
        finally:
            del self._attempts[begun.claimed.id, begun.claimed.claim]
            self._freed()
