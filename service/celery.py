"""Where Celery finds its app: `celery --app=service.celery worker`, set up as the service is, by the environment."""

from typing import Any

from celery import signals

from ports.contract import ContractBroken
from service.background.celery_app import app_of
from service.background.celery_process import CeleryProcess
from service.background.worker_process import log_as
from service.settings import Misconfigured, load_settings
from service.shell import exit_with

try:
    settings = load_settings()
    process = CeleryProcess(settings)
    app = app_of(settings, process)
except (ContractBroken, Misconfigured) as error:
    raise exit_with(str(error)) from None


def opened(**_: Any) -> None:
    """Open the service in a process that has just been begun."""
    log_as(settings)
    process.open()


def closed(**_: Any) -> None:
    """Close it in a process that ends."""
    process.close()


signals.worker_process_init.connect(opened)
signals.worker_process_shutdown.connect(closed)
