"""How a handler's class body is read, once, when the class is defined, and what may be wrong with it."""

import sys
from collections.abc import Mapping
from inspect import iscoroutinefunction
from types import MappingProxyType
from typing import Any, ClassVar, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from ports.argument import Argument, input_model


class ContractBroken(TypeError):
    """A handler is not as `ActionHandler` asks; the message names its module and the mend."""


def read_contract(handler: Any) -> None:
    """Set `requires`, `arguments` and all that is derived from them, from the body of `handler`.

    Raise `ContractBroken`.
    """
    where = f"{handler.__module__}: {handler.__name__}"
    body = vars(handler)
    hints = _hints(handler, where)
    annotated = {name: body[name] for name in hints if isinstance(body.get(name), Argument)}
    for name in hints.keys() & body.keys() - annotated.keys():
        raise ContractBroken(f"{where}.{name} has a value that is no Arg; write `Arg(default=...)`.")
    handler.__doc__ = handler.__doc__ or sys.modules[handler.__module__].__doc__
    if not (handler.__doc__ or "").strip():
        raise ContractBroken(f"{where} has no docstring; its first line tells callers what the action does.")
    if not iscoroutinefunction(body.get("execute")):
        raise ContractBroken(f"{where}.execute is missing or not async; write `async def execute(self)`.")

    arguments = _typed(annotated, hints) | dict(body.get("arguments", {}))
    unread = dict.fromkeys(body.get("requires", ()), Any)
    handler.ports = MappingProxyType({name: hint for name, hint in hints.items() if name not in annotated} | unread)
    handler.requires = tuple(handler.ports)
    handler.arguments = MappingProxyType(arguments)
    handler.names = frozenset({"execution", *handler.requires, *arguments})
    handler.defaults = {name: argument.default for name, argument in arguments.items() if not argument.required}
    handler.secrets = frozenset(name for name, argument in arguments.items() if argument.secret)
    handler.input_model = _input(f"{handler.__name__}Input", arguments, where)
    handler.flat = not _has_objects(handler.input_model.model_json_schema())
    handler.output = TypeAdapter(get_type_hints(handler.execute, include_extras=True).get("return", Any))


def _has_objects(schema: dict[str, Any]) -> bool:
    return "$defs" in schema or "'object'" in str(schema.get("properties", {}))


def _hints(handler: type, where: str) -> dict[str, Any]:
    try:
        hints = get_type_hints(handler, include_extras=True)
    except NameError as error:
        raise ContractBroken(f"{where}: {error}; import what an annotation names, not under TYPE_CHECKING.") from error
    return {name: hint for name, hint in hints.items() if get_origin(hint) is not ClassVar and name != "execution"}


def _typed(annotated: Mapping[str, Argument], hints: Mapping[str, Any]) -> dict[str, Argument]:
    return {
        name: Argument(type=hints[name], default=argument.default, constraints=argument.constraints)
        for name, argument in annotated.items()
    }


def _input(name: str, arguments: Mapping[str, Argument], where: str) -> type[BaseModel]:
    try:
        for argument, declared in arguments.items():
            _check_default(input_model(name, {argument: declared}), f"{where}.{argument}", declared)
        return input_model(name, arguments)
    except (PydanticUserError, TypeError) as error:
        if isinstance(error, ContractBroken):
            raise
        raise ContractBroken(
            f"{where}: no schema can be made of its arguments: {str(error).splitlines()[0]}"
        ) from error


def _check_default(model: type[BaseModel], where: str, declared: Argument) -> None:
    if declared.required:
        return
    try:
        model()
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ContractBroken(
            f"{where} has the default {declared.default!r}, which it would refuse: {reason}."
        ) from None
