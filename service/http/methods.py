"""Which method an action is asked for by, and what it is called in a line."""

from typing import Literal

from fastapi import Request

from ports.action import ActionHandler
from service.http.providers import service_of


def method_of(handler: type[ActionHandler]) -> Literal["GET", "POST"]:
    """Return GET for an action that only reads and whose arguments fit a query: none is secret or an object."""
    return "GET" if handler.readonly and handler.flat and not handler.secrets else "POST"


def allow(method: str) -> str:
    """Return what the header `Allow` says where this method is right: whatever is read is also asked for by HEAD."""
    return "GET, HEAD" if method == "GET" else method


def summary_of(handler: type[ActionHandler]) -> str:
    """Return the first sentence of the handler's docstring."""
    return " ".join((handler.__doc__ or "").strip().partition("\n\n")[0].split())


def allowed_at(request: Request) -> str | None:
    """Return the method of the action that the request's path names, if it names one that callers may know."""
    handler = service_of(request).registry.known(request.path_params.get("name", ""))
    return method_of(handler) if handler is not None and not handler.internal else None
