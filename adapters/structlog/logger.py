"""The log: JSON lines on standard error, or readable ones on a terminal."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, BinaryIO

import structlog
from pydantic_core import to_json, to_jsonable_python

from ports.logger import Logger


def configure_log(*, level: str, readable: bool, stream: BinaryIO | None = None) -> None:
    """Send the records of `level` and above, and those of the libraries beneath, to `stream` (standard error)."""
    at_least = logging.getLevelNamesMapping()[level.upper()]
    stream = stream or sys.stderr.buffer
    readably: list[Any] = [_plain, structlog.dev.ConsoleRenderer(), _encoded]
    render = readably if readable else [structlog.processors.format_exc_info, _json]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _timed,
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(at_least),
        logger_factory=structlog.BytesLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=max(at_least, logging.WARNING), stream=sys.stderr, force=True, format="%(name)s: %(message)s"
    )
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # who asks the engine says once that it is away
    unbound_log.cache_clear()


def bound_log(**fields: object) -> Logger:
    """Return a logger whose records carry `fields`."""
    logger: Logger = structlog.get_logger().bind(**fields)
    return logger


@cache
def unbound_log() -> Logger:
    """Return the logger whose records carry what they are given alone."""
    logger: Logger = structlog.get_logger().bind()
    return logger


def informs(log: Logger) -> bool:
    """Return whether records of what happened as it should are kept, so that what they tell need be gathered."""
    return bool(getattr(log, "is_enabled_for", lambda _: True)(logging.INFO))


def _timed(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the time as it is: it becomes text with the rest of the record, which costs least."""
    event["timestamp"] = datetime.now(UTC)
    return event


def _plain(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Give what a person reads the forms that JSON would: a UUID as its text."""
    error = event.pop("exc_info", None)
    plain: dict[str, Any] = to_jsonable_python(dict(event), fallback=repr)
    return plain | ({"exc_info": error} if error else {})


def _json(_: object, __: str, event: Mapping[str, object]) -> bytes:
    return to_json(event, fallback=repr, inf_nan_mode="constants")


def _encoded(_: object, __: str, line: str) -> bytes:
    return line.encode("utf-8", "backslashreplace")
