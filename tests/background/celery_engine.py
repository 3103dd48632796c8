"""The engine over Celery: a broker of its own, a relay, and Celery's worker in threads of this process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from celery.contrib.testing.worker import start_worker
from pydantic import SecretStr

from adapters.celery.broker import CeleryBroker
from service.background.called import CalledWorker
from service.background.celery_app import app_of
from service.background.celery_process import CeleryProcess
from service.background.relay import Relay
from service.composition import Service
from service.settings import Settings
from tests.background.engine import Working
from tests.brokers import Broker, RabbitMQ, Redis, running

INSTALLED = [kind for kind in (Redis, RabbitMQ) if not kind.missing()]
WHY_NOT = None if INSTALLED else "Celery: no broker is installed, neither redis-server nor rabbitmq-server"


@asynccontextmanager
async def broker() -> AsyncIterator[Broker | None]:
    """A broker, if one is installed."""
    if not INSTALLED:
        yield None
        return
    async with running(INSTALLED[0]) as started:
        yield started


class Beside(CeleryProcess):
    """What a process of Celery's has, with a service made here."""

    def __init__(self, settings: Settings, opened: Callable[[Settings], Service]) -> None:
        super().__init__(settings)
        self._made = opened

    async def _work(self) -> None:
        service, stopping = self._made(self._settings), asyncio.Event()
        worker = CalledWorker(service)
        self._opened.set_result((asyncio.get_running_loop(), stopping, worker))
        await worker.run(stopping)
        await service.close()


def working_by_celery(opened: Callable[[Settings], Service], broker: Broker) -> Working:
    """Return how workers of Celery's are run beside the test: in this process there is one, for however many."""
    running: list[Settings] = []

    @asynccontextmanager
    async def working(settings: Settings) -> AsyncIterator[None]:
        if running:
            yield
            return
        running.append(settings)
        settings = settings.model_copy(update={"queue": SecretStr(broker.url)})
        process = Beside(settings, opened)
        app = app_of(settings, process)
        service, stopping = opened(settings), asyncio.Event()
        relay = asyncio.ensure_future(Relay(service, CeleryBroker(app.conf.broker_url)).run(stopping))
        how = {"pool": "threads", "concurrency": settings.worker_executions, "perform_ping_check": False}
        worker = start_worker(app, **how)
        await asyncio.to_thread(worker.__enter__)
        try:
            yield
        finally:
            stopping.set()
            await relay
            await asyncio.to_thread(process.close)
            await asyncio.to_thread(worker.__exit__, None, None, None)
            await service.close()
            running.clear()

    return working
