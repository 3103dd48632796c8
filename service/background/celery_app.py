"""The app of Celery's workers. Its task is synchronous, since Celery takes a coroutine for a result."""

from uuid import UUID

from celery import Celery
from celery.exceptions import Reject

from adapters.celery.app import TASK, celery_app, queues_of
from ports.unit_of_work import DatabaseUnavailable
from service.background.broker import broker_of
from service.background.celery_process import CeleryProcess, NotReady
from service.background.queues import wanted_queues
from service.composition import PORTS
from service.registry import Registry
from service.settings import Misconfigured, Settings


def app_of(settings: Settings, process: CeleryProcess) -> Celery:
    """Return the app, whose one task has an execution carried out. Raise `Misconfigured` or `ContractBroken`."""
    url = broker_of(settings)
    if url is None:
        raise Misconfigured("Celery's workers need a broker: set ACTIONBUS_QUEUE.")
    registry = Registry.found_in(settings.handlers, PORTS)
    queues = wanted_queues(settings, registry)
    made = celery_app(url, redelivered_after=settings.resend_seconds)
    made.conf.task_queues = queues_of(queues or {"default", *(handler.queue for _, handler in registry.all())})
    if "worker_executions" in settings.model_fields_set:
        made.conf.worker_concurrency = settings.worker_executions

    def run(id: str) -> None:
        try:
            process.carry_out(UUID(id))
        except (NotReady, DatabaseUnavailable) as error:
            raise Reject(repr(error), requeue=True) from error

    made.task(run, name=TASK, shared=False)
    return made
