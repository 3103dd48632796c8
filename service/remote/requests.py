"""What is asked of a service, as it goes over HTTP."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from pydantic_core import from_json, to_json

from ports.ledger import KEY, MalformedIdempotencyKey
from service.remote.catalogue import Listed


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What all requests of a call share: when it ends, by the event loop's clock, and its trace."""

    deadline: float
    trace_id: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked; `repeatable` if asking twice does no more than asking once."""

    method: str
    path: str
    repeatable: bool
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class How:
    """How an action is asked for: with which idempotency key, if any, whether to try it only, or to do it `later`."""

    key: str | None
    dry_run: bool = False
    later: bool = False


LISTING = Request(method="GET", path="/actions", repeatable=True)


def request_of(action: Listed, method: str, sent: bytes, how: How) -> Request:
    """Return the request that runs an action by that method, now or later. Raise `MalformedIdempotencyKey`."""
    path, headers = f"/actions/{action.name}", {"prefer": "respond-async"} if how.later else {}
    if method == "GET":
        return Request(method=method, path=f"{path}?{urlencode([*_texts(sent)])}", repeatable=True, headers=headers)
    headers["content-type"] = "application/json"
    if (key := how.key) is None:
        return Request(method=method, path=path, repeatable=action.idempotent, headers=headers, body=sent)
    if not KEY.fullmatch(key):
        raise MalformedIdempotencyKey
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')  # a string of RFC 8941
    return Request(
        method=method, path=path, repeatable=True, headers={**headers, "idempotency-key": f'"{quoted}"'}, body=sent
    )


def dry_run_of(name: str, sent: bytes) -> Request:
    """Return the request that tries an action without doing it, which may be asked as often as one likes."""
    headers = {"content-type": "application/json"}
    return Request(method="POST", path=f"/actions/{name}/dry-run", repeatable=True, headers=headers, body=sent)


def monitoring(execution_id: UUID, *, wait: float) -> Request:
    """Return the request that looks at an execution, once it has ended or after so many seconds."""
    headers = {"prefer": f"wait={wait:.0f}"} if wait else {}
    return Request(method="GET", path=f"/executions/{execution_id}", repeatable=True, headers=headers)


def cancelling(execution_id: UUID) -> Request:
    """Return the request that cancels an execution."""
    return Request(method="DELETE", path=f"/executions/{execution_id}", repeatable=True)


def _texts(sent: bytes) -> Iterator[tuple[str, str]]:
    """Yield the arguments as a query has them (see docs/decisions/0008): what is None is left out."""
    for name, value in from_json(sent).items():
        if isinstance(value, list) and len(value) > 1:
            yield from ((name, _text(item)) for item in value)
        elif value is not None:
            yield name, _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else to_json(value).decode()
