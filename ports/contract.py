"""How a handler's class body is read, once, when the class is defined, and what may be wrong with it."""

import re
import sys
from collections.abc import Mapping, Sequence
from inspect import iscoroutinefunction
from keyword import iskeyword
from types import MappingProxyType
from typing import Any, ClassVar, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from ports.aliases import alias_mistake
from ports.argument import Argument, Constraints, input_model
from ports.background import Retry, Unique
from ports.background_policy import mistakes
from ports.deprecation import Deprecated
from ports.policy import DEFAULTS, NAMES
from ports.problem import Problem
from ports.schedule import Schedule, ScheduleBroken, checked

PERMISSION = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")

IN_SCHEMAS = {
    "ge": re.compile("'minimum'"),
    "le": re.compile("'maximum'"),
    "min_length": re.compile("'min(Length|Items|Properties)'"),
    "max_length": re.compile("'max(Length|Items|Properties)'"),
    "pattern": re.compile("'pattern'"),
}


class ContractBroken(TypeError):
    """A handler is not as `ActionHandler` asks; the message is one line that names its module and the mend."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def read_contract(handler: Any, shape: type, policy: Mapping[str, Any]) -> None:
    """Set the policy, and from the body of `handler`, a kind of `shape`, its ports, its arguments and what follows.

    Raise `ContractBroken`.
    """
    where = f"{handler.__module__}: {handler.__name__}"
    body: Mapping[str, Any] = handler.__dict__
    handler.__doc__ = handler.__doc__ or sys.modules[handler.__module__].__doc__
    _check_policy(handler, policy, where)
    for name, value in {**DEFAULTS, **policy}.items():
        setattr(handler, name, value)
    _check_methods(body, where)
    hints = _hints(handler, where)
    _check_names({*hints, *body.get("arguments", ())}, {*dir(shape), *get_type_hints(shape)}, where)
    ports, arguments = _declared(body, hints, where)
    if mistake := alias_mistake(arguments):
        raise ContractBroken(f"{where}.{mistake}")
    for name, argument in arguments.items():
        _check_argument(argument, f"{where}.{name}")

    handler.ports, handler.arguments = MappingProxyType(ports), MappingProxyType(arguments)
    handler.requires = tuple(ports)
    handler.names = frozenset({"execution", *ports, *arguments})
    handler.defaults = {name: argument.default for name, argument in arguments.items() if not argument.required}
    handler.secrets = frozenset(name for name, argument in arguments.items() if argument.secret)
    handler.input_model = input_model(f"{handler.__name__}Input", arguments)
    handler.flat = not _has_objects(handler.input_model.model_json_schema())
    handler.output = _output(handler, where)
    handler.schedule = _schedule(handler, where)
    for mistake in mistakes(handler, policy):
        raise ContractBroken(f"{where}: {mistake}")


def _check_policy(handler: Any, policy: Mapping[str, Any], where: str) -> None:
    if not (handler.__doc__ or "").strip():
        raise ContractBroken(f"{where} has no docstring; its first line tells callers what the action does.")
    if unknown := sorted(policy.keys() - set(NAMES)):
        raise ContractBroken(f"{where}: {unknown[0]!r} is no policy; the policies are {', '.join(NAMES)}.")
    if not PERMISSION.fullmatch(str(policy.get("permission"))):
        raise ContractBroken(f'{where} has no permission of the form area.verb; write `permission="kit.create"`.')
    problems: Sequence[object] = policy.get("problems", ())
    if not isinstance(problems, tuple) or not all(isinstance(p, type) and issubclass(p, Problem) for p in problems):
        raise ContractBroken(f"{where}: `problems` is a tuple of kinds of Problem; write `problems=(KitNameTaken,)`.")
    if not isinstance(policy.get("deprecated"), Deprecated | None):
        mend = "write `deprecated=Deprecated(since=..., sunset=..., instead=...)`"
        raise ContractBroken(f"{where}: `deprecated` says since when and until when; {mend}.")
    _check_background(policy, where)


def _check_background(policy: Mapping[str, Any], where: str) -> None:
    kinds: Mapping[str, Any] = {"retry": Retry, "unique": Unique | None, "priority": int, "queue": str}
    for name, kind in kinds.items():
        if not isinstance(policy.get(name, DEFAULTS[name]), kind):
            raise ContractBroken(
                f"{where}: `{name}` is no {getattr(kind, '__name__', kind)}; mend it, or leave it out."
            )
    concurrency = policy.get("concurrency")
    if concurrency is not None and (not isinstance(concurrency, int) or concurrency < 1):
        raise ContractBroken(f"{where}: `concurrency` lets none of them run; write 1 or more.")
    said = sorted(policy.keys() & {"retry", "unique", "priority", "queue", "concurrency", "background", "schedule"})
    if said and policy.get("readonly"):
        raise ContractBroken(f"{where}: what only reads is never in the background; leave out {', '.join(said)}.")


def _check_methods(body: Mapping[str, Any], where: str) -> None:
    if not iscoroutinefunction(body.get("execute")):
        raise ContractBroken(f"{where}.execute is missing or not async; write `async def execute(self)`.")
    if "validate" in body and not iscoroutinefunction(body["validate"]):
        raise ContractBroken(f"{where}.validate is not async; write `async def validate(self)`.")


def _hints(handler: type, where: str) -> dict[str, Any]:
    try:
        hints = get_type_hints(handler, include_extras=True)
    except NameError as error:
        raise ContractBroken(f"{where}: {error}; import what an annotation names, not under TYPE_CHECKING.") from error
    return {name: hint for name, hint in hints.items() if get_origin(hint) is not ClassVar and name != "execution"}


def _declared(
    body: Mapping[str, Any], hints: Mapping[str, Any], where: str
) -> tuple[dict[str, Any], dict[str, Argument]]:
    """Return the ports, by their types, and the arguments of either spelling."""
    annotated = {name: body[name] for name in hints if isinstance(body.get(name), Argument)}
    for name in hints.keys() & body.keys() - annotated.keys():
        raise ContractBroken(f"{where}.{name} has a value that is no Arg; write `Arg(default=...)`.")
    requires, arguments = body.get("requires", ()), body.get("arguments", {})
    if isinstance(requires, str):
        raise ContractBroken(f'{where}.requires is no list of ports; write `requires = ["{requires}"]`.')
    for name, value in body.items():
        if isinstance(value, Argument) and name not in annotated:
            raise ContractBroken(f"{where}.{name} is an Arg without a type; write `{name}: str = Arg(...)`.")
    for name, value in arguments.items():
        if not isinstance(value, Argument):
            raise ContractBroken(f"{where}.arguments: {name!r} is no Arg; write `Arg(str)`.")
    ports = {name: hint for name, hint in hints.items() if name not in annotated} | dict.fromkeys(requires, Any)
    typed = {
        name: Argument(type=hints[name], default=argument.default, constraints=argument.constraints)
        for name, argument in annotated.items()
    }
    return ports, typed | dict(arguments)


def _check_names(names: set[str], reserved: set[str], where: str) -> None:
    for name in sorted(names):
        if name in reserved or iskeyword(name) or not name.isidentifier() or name.startswith("_"):
            raise ContractBroken(
                f"{where}: {name!r} names an argument or a port, but is a word of the contract or of Python; rename it."
            )


def _check_argument(argument: Argument, where: str) -> None:
    if unknown := argument.constraints.keys() - Constraints.__annotations__.keys():
        raise ContractBroken(
            f"{where}: Arg takes no {', '.join(sorted(unknown))}; see `Constraints` for what it takes."
        )
    try:
        model = input_model("Input", {"value": argument})
        schema = str(model.model_json_schema()["properties"])
    except (PydanticUserError, TypeError, SchemaError) as error:
        reason = str(error).splitlines()[-1 if isinstance(error, SchemaError) else 0]
        raise ContractBroken(f"{where}: values cannot be checked against what it says: {reason}; mend it.") from error
    if idle := [name for name in argument.constraints.keys() & IN_SCHEMAS if not IN_SCHEMAS[name].search(schema)]:
        raise ContractBroken(f"{where}: {', '.join(sorted(idle))} says nothing of values of its type; leave it out.")
    if argument.required:
        return
    try:
        model()
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ContractBroken(
            f"{where} has the default {argument.default!r}, which it would refuse: {reason}; change one of them."
        ) from None


def _output(handler: Any, where: str) -> TypeAdapter[Any]:
    try:
        adapter = TypeAdapter[Any](get_type_hints(handler.execute, include_extras=True).get("return", Any))
        adapter.json_schema(mode="serialization")
    except (NameError, TypeError, PydanticUserError) as error:
        reason = str(error).splitlines()[0]
        raise ContractBroken(f"{where}.execute: what it returns cannot be written as JSON: {reason}.") from error
    return adapter


def _schedule(handler: Any, where: str) -> Schedule | None:
    if handler.schedule is not None and (handler.secrets or handler.secret_output):
        raise ContractBroken(f"{where}: what is secret may be on no record, so it cannot wait; leave out `schedule`.")
    try:
        return checked(handler.schedule, handler.input_model)
    except ScheduleBroken as error:
        raise ContractBroken(f"{where}: `schedule`: {error}") from error


def _has_objects(schema: dict[str, Any]) -> bool:
    return "$defs" in schema or "'object'" in str(schema.get("properties", {}))
