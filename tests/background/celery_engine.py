"""The engine over Celery: where it is, and what is said where it cannot be run."""

import os
import shutil
from importlib.util import find_spec

BROKER_URL = "ACTIONBUS_TEST_BROKER"
SERVERS = ("rabbitmq-server", "redis-server")


def why_not() -> str | None:
    """Return why Celery cannot be tried here, if it cannot."""
    if find_spec("adapters.celery") is None:
        return "Celery: there is no adapter for it"
    if not os.environ.get(BROKER_URL) and not any(map(shutil.which, SERVERS)):
        return f"Celery: no broker, neither at {BROKER_URL} nor as {' or '.join(SERVERS)}"
    return None
