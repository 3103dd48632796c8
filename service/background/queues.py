"""Which queues a worker takes from."""

from service.registry import Registry
from service.settings import Misconfigured, Settings


def wanted_queues(settings: Settings, registry: Registry) -> list[str]:
    """Return those that the settings name; none are all. Raise `Misconfigured` for one that no action is in."""
    wanted = [queue for each in settings.worker_queues.split(",") if (queue := each.strip())]
    there = {handler.queue for _, handler in registry.all()}
    if unknown := sorted({*wanted} - there):
        raise Misconfigured(
            f"No action is in the queue {', '.join(map(repr, unknown))}; there are {', '.join(sorted(there))}. "
            "Name some of them by --queues or ACTIONBUS_WORKER_QUEUES, or none for all."
        )
    return wanted
