"""An engine under test: a service whose actions are the probes, what is kept of them, and workers when asked for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Unpack
from uuid import UUID

from ports.action import Caller, Execution
from ports.background import Wishes
from ports.ledger import State
from service.background.worker import Worker
from service.composition import Adapters, Service
from service.runner import ActionRunner
from service.settings import Settings
from tests.adapters.storage import Row, Storage

SPACE_ID = UUID(int=7)
SECONDS = 60.0  # a process may take its time to begin
Working = Callable[[Settings], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class Engine:
    """`working` runs a worker as these settings say, until it is left."""

    name: str
    service: Service
    storage: Storage
    working: Working

    def runner(self, actor: str = "owner", *scopes: str) -> ActionRunner:
        return ActionRunner(self.service, Caller(actor=actor, scopes=frozenset(scopes or ("*",))))

    async def submit(self, action: str, arguments: dict[str, Any] | None = None, **later: Unpack[Wishes]) -> UUID:
        """Queue an action, and return the execution's id."""
        return await self.runner().enqueue(action, arguments or {}, **later)

    async def note(self, name: str, *, then: str = "end", **later: Unpack[Wishes]) -> UUID:
        """Queue that a note is kept."""
        return await self.submit("keep_note", {"space_id": SPACE_ID, "name": name, "then": then}, **later)

    async def notes(self) -> list[str]:
        """Return what was kept, in its order."""
        return await self.runner().execute("list_notes", {"space_id": SPACE_ID}, returns=list[str])

    async def record(self, id: UUID) -> Row:
        """Return an execution as it is on record."""
        return await self.storage.job(id)

    async def states(self, *ids: UUID) -> list[State]:
        return [(await self.record(each)).state for each in ids]

    async def cancel(self, id: UUID) -> State:
        adapters = Adapters(self.service, Execution())
        async with adapters.unit_of_work.transaction():
            return await adapters.queue.cancel(id)

    async def advance(self, seconds: float) -> None:
        """Let that much time pass."""
        await self.storage.advance(seconds)

    @asynccontextmanager
    async def workers(self, count: int = 1, **settings: object) -> AsyncIterator[None]:
        """Have so many workers while within."""
        if count == 0:
            yield
            return
        async with self.working(self.service.settings.model_copy(update=settings)), self.workers(count - 1, **settings):
            yield

    async def settle(self, count: int = 1, *, but: tuple[str, ...] = (), **settings: object) -> None:
        """Have workers until nothing runs and nothing is due, but for actions that they are not to run."""
        async with self.workers(count, **settings):
            await until(lambda: self._is_idle(but))

    async def _is_idle(self, but: tuple[str, ...]) -> bool:
        return not await self.storage.busy(but=but)

    async def is_running(self, id: UUID) -> None:
        """Return once it runs."""
        await until(lambda: self._is_in(id, "running"))

    async def is_final(self, id: UUID) -> None:
        """Return once nothing will come of it any more."""
        await until(lambda: self._is_in(id, "succeeded", "rejected", "failed", "cancelled"))

    async def _is_in(self, id: UUID, *states: State) -> bool:
        return (await self.record(id)).state in states

    async def is_parked(self, id: UUID) -> bool:
        """Tell whether it has reported that it parks."""
        return (await self.record(id)).progress == {"done": 1, "total": 2, "note": "parked"}


async def until(holds: Callable[[], Any]) -> None:
    """Return once it holds."""
    async with asyncio.timeout(SECONDS):
        while not await holds():
            await asyncio.sleep(0.005)


def working_in_process(opened: Callable[[Settings], Service]) -> Working:
    """Return how a worker is run beside the test: with a service of its own."""

    @asynccontextmanager
    async def working(settings: Settings) -> AsyncIterator[None]:
        service, stopping = opened(settings), asyncio.Event()
        worker = asyncio.ensure_future(Worker(service).run(stopping))
        try:
            yield
        finally:
            stopping.set()
            await worker
            await service.close()

    return working
