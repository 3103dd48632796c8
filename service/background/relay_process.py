"""The process of a relay."""

from typing import Any

from service.background.broker import broker_of
from service.background.relay import Relay
from service.background.worker_process import work_until_stopped
from service.settings import Misconfigured, load_settings
from service.shell import exit_with, run_async


def run_relay(*, until_eof: bool, **flags: Any) -> None:
    """Relay until a signal."""
    try:
        settings = load_settings(**flags)
        url = broker_of(settings)
    except Misconfigured as error:
        raise exit_with(str(error)) from None
    if url is None:
        raise exit_with("A relay needs a broker: set ACTIONBUS_QUEUE. Without, workers take from the ledger itself.")
    from adapters.celery.broker import CeleryBroker  # noqa: PLC0415 - an extra, which may not be installed

    broker = CeleryBroker(url)
    work = work_until_stopped(settings, lambda service: Relay(service, broker).run, until_eof=until_eof, name="relay")
    run_async(work)
