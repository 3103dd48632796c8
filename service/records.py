"""What is put on record of an execution: nothing secret, and not without bounds."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from ports.action import ActionHandler
from ports.argument import Argument, by_every_name
from ports.json_limits import JsonLimits, JsonTooDeep

MAX_BYTES = 16_384
READABLE = JsonLimits(max_depth=100)  # who reads the record meets one level more, and often a limit
SECRET, UNDECLARED = "[secret]", "[undeclared]"


def submitted(handler: type[ActionHandler] | None, sent: bytes | Mapping[str, object]) -> object:
    """Return what a caller sent, before any check: the values of declared arguments, unless they are secret."""
    try:
        text = sent if isinstance(sent, bytes) else to_json(sent)
        if len(text) > MAX_BYTES:
            return f"[{len(text)} bytes]"
        READABLE.check(text)
        values = from_json(text)
    except JsonTooDeep:
        return "[too deep]"
    except ValueError:
        return "[not JSON]"
    if not isinstance(values, dict):
        return "[not an object]"
    declared = handler.arguments if handler else {}
    if handler is not None and not handler.secrets and values.keys() <= declared.keys():
        return values
    known = by_every_name(declared)
    return {name[:200]: _shown(known.get(name), value) for name, value in values.items()}


def validated(handler: type[ActionHandler], arguments: BaseModel) -> str:
    """Return the checked arguments as JSON text."""
    serializer: Any = arguments.__pydantic_serializer__
    if not handler.secrets:
        return str(serializer.to_json(arguments), "utf-8")
    shown = serializer.to_python(arguments, mode="json", exclude=set(handler.secrets))
    return to_json(shown | dict.fromkeys(handler.secrets, SECRET)).decode()


def shown(handler: type[ActionHandler], arguments: BaseModel) -> object:
    """Return the checked arguments for the log."""
    values = vars(arguments)
    return values | dict.fromkeys(handler.secrets, SECRET) if handler.secrets else values


def _shown(declared: Argument | None, value: object) -> object:
    return UNDECLARED if declared is None else SECRET if declared.secret else value
