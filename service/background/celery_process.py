"""What a process of Celery's has: the service, on a loop in a thread of its own, and the task that calls into it."""

import asyncio
from concurrent.futures import CancelledError, Future
from threading import Lock, Thread
from uuid import UUID

import uvloop

from adapters.structlog.logger import unbound_log
from ports.contract import ContractBroken
from service.background.called import CalledWorker
from service.composition import open_service
from service.settings import Misconfigured, Settings

AGAIN_SECONDS = 1.0
OPENING_SECONDS = 60.0


class NotReady(Exception):
    """The service could not be opened, or the ledger not be asked, for a long time; or the process is ending."""


class CeleryProcess:
    """Made before a process forks, opened in it: the loop runs all the while, so that leases are renewed meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_copy(update={"worker_queues": "", "worker_executions": 1})
        self._thread: Thread | None = None
        self._opening, self._asking, self._closed = Lock(), Lock(), False

    def open(self) -> None:
        """Begin to open the service; while the database cannot be used, again and again."""
        with self._opening:
            if self._thread is not None:
                return
            self._opened: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, CalledWorker]] = Future()
            self._thread = Thread(target=lambda: uvloop.run(self._live()), name="actionbus", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Give back what has not ended, and let go of the service."""
        if self._thread is not None and self._opened.done():
            loop, stopping, _ = self._opened.result()
            with self._asking:  # what comes later would be asked of a loop that has ended
                self._closed = True
                loop.call_soon_threadsafe(stopping.set)
            self._thread.join()

    def carry_out(self, id: UUID) -> None:
        """Attempt an execution to its end, unless it is another's. Raise `NotReady`."""
        self.open()  # not every pool of Celery's says that it has begun a process
        try:
            loop, _, worker = self._opened.result(OPENING_SECONDS)
            with self._asking:
                if self._closed:
                    raise NotReady
                carried_out = asyncio.run_coroutine_threadsafe(worker.carry_out(id), loop)
            carried_out.result()
        except (TimeoutError, CancelledError):
            raise NotReady from None

    async def _live(self) -> None:
        while not self._opened.done():
            try:
                await self._work()
            except (Misconfigured, ContractBroken) as error:
                unbound_log().error("worker.not_opened", reason=str(error))
                await asyncio.sleep(AGAIN_SECONDS)

    async def _work(self) -> None:
        stopping = asyncio.Event()
        async with open_service(self._settings) as service:
            worker = CalledWorker(service)
            self._opened.set_result((asyncio.get_running_loop(), stopping, worker))
            await worker.run(stopping)
