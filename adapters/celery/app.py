"""Celery, set up for messages that carry ids alone: by which queues they go, and when one is done with."""

from collections.abc import Iterable

from celery import Celery
from kombu import Exchange, Queue

TASK = "actionbus.run"
LEVELS = 10  # of priority, in a queue of the broker
QUEUES = "actionbus."  # before the names of ours: a broker may be shared


def celery_app(url: str, *, redelivered_after: float) -> Celery:
    """Return an app for the broker at `url`.

    A message is done with when its task has ended, and goes back to the broker if its worker is lost: Redis, which
    does not notice, gives it out again after so many seconds. Nothing is kept of results: the ledger has them.
    """
    app = Celery("actionbus", broker=url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=5,
        broker_transport_options=_redis_options(redelivered_after) if is_redis(url) else {},
        enable_utc=True,
        result_backend=None,
        task_acks_late=True,
        task_default_queue=f"{QUEUES}default",
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
        task_serializer="json",
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
    )
    return app


def is_redis(url: str) -> bool:
    """Whether the broker is Redis."""
    return url.startswith("redis")


def queues_of(names: Iterable[str]) -> list[Queue]:
    """Return the broker's queues for ours of these names."""
    return [queue_of(name) for name in sorted(names)]


def queue_of(name: str) -> Queue:
    """Return the broker's queue for ours of this name: durable, and bound to nothing but its own name."""
    return Queue(f"{QUEUES}{name}", Exchange(""), routing_key=f"{QUEUES}{name}", max_priority=LEVELS - 1)


def level_of(priority: int, *, redis: bool) -> int:
    """Return the broker's level of a priority: those around 0 keep apart, those far from it do not.

    RabbitMQ takes the highest first, Redis by kombu the lowest.
    """
    level = min(max(priority + LEVELS // 2, 0), LEVELS - 1)
    return LEVELS - 1 - level if redis else level


def _redis_options(redelivered_after: float) -> dict[str, object]:
    return {"visibility_timeout": redelivered_after, "priority_steps": [*range(LEVELS)]}
