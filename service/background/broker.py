"""Which broker carries what is queued: Celery's, or none, since the ledger itself is the queue."""

import os
import sys
from importlib.util import find_spec
from typing import NoReturn
from urllib.parse import urlsplit

from service.settings import Misconfigured, Settings

EXAMPLES = "celery+amqp://user:password@host:5672/vhost or celery+redis://:password@host:6379/0"
SCHEMES = ("amqp", "amqps", "redis", "rediss")


def broker_of(settings: Settings) -> str | None:
    """Return the URL of Celery's broker as Celery spells it; None if the ledger is the queue. Raise `Misconfigured`."""
    if settings.queue is None:
        return None
    engine, plus, url = settings.queue.get_secret_value().partition("+")
    if engine != "celery" or not plus:
        raise Misconfigured(f"ACTIONBUS_QUEUE names no engine that there is; write {EXAMPLES}, or leave it out.")
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise Misconfigured(f"ACTIONBUS_QUEUE is no URL of a broker; write {EXAMPLES}.")
    if parts.scheme not in SCHEMES:
        raise Misconfigured(f"ACTIONBUS_QUEUE names {parts.scheme!r}, which is no broker of ours; write {EXAMPLES}.")
    if find_spec("celery") is None:
        raise Misconfigured("ACTIONBUS_QUEUE asks for Celery, which is not installed: pip install 'actionbus[celery]'.")
    if settings.workers:
        raise Misconfigured("ACTIONBUS_WORKERS is for workers on the ledger; with ACTIONBUS_QUEUE, begin Celery's.")
    return url


def become_celery(settings: Settings) -> NoReturn:
    """Become a worker of Celery's, set up by what the command line said and the environment."""
    said = {
        "ACTIONBUS_DATA": str(settings.data),
        "ACTIONBUS_WORKER_QUEUES": settings.worker_queues,
        "ACTIONBUS_WORKER_EXECUTIONS": str(settings.worker_executions),
    }
    name = f"--hostname=actionbus-{os.getpid()}@%h"  # several on one machine are told apart
    flags = (name, f"--loglevel={settings.log_level}", "--without-gossip", "--without-mingle")  # none asks for others
    command = (sys.executable, "-m", "celery", "--app=service.celery", "worker", *flags)
    os.execve(sys.executable, command, os.environ | said)  # noqa: S606 - our own interpreter
