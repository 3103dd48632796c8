"""When arguments are the same: for an idempotency key, and for executions of which there may be one at once."""

import hmac
from hashlib import sha256
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from ports.action import ActionHandler


def fingerprint(arguments: Any, secret: str) -> bytes:
    """Return what tells these arguments, a model, from others, and tells nobody what they are."""
    values = arguments.__pydantic_serializer__.to_python(arguments)
    return hmac.digest(secret.encode(), to_json(ordered(values)), "sha256")


def unique_key(action: str, handler: type[ActionHandler], arguments: BaseModel) -> str:
    """Return what executions have in common of which there may be only one at once."""
    unique: Any = handler.unique
    serializer: Any = arguments.__pydantic_serializer__
    by = None if unique.by is None else {*unique.by}
    digest = sha256(to_json(ordered(serializer.to_python(arguments, include=by)))).hexdigest()
    return f"{'running' if unique.running else 'waiting'}:{action}:{digest}"


def ordered(value: Any) -> Any:
    """Return the same value, whatever order its members were sent in or a set happens to have."""
    match value:
        case dict():
            return {name: ordered(value[name]) for name in sorted(value, key=str)}
        case set() | frozenset():
            return sorted(map(ordered, value), key=to_json)
        case list() | tuple():
            return [*map(ordered, value)]
        case _:
            return value
