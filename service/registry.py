"""The registry: the modules in `handlers/`, as actions by name, frozen at start-up."""

import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, Self

from ports.action import ActionHandler
from ports.actions import UnknownAction
from ports.contract import ContractBroken

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
POLICIES = "permission, problems, readonly, internal, timeout and secret_output"


class Registry:
    """Handlers by the names of their actions."""

    def __init__(self, handlers: Mapping[str, type[ActionHandler]]) -> None:
        self._handlers = dict(handlers)

    @classmethod
    def found_in(cls, package: str, ports: Mapping[str, Any]) -> Self:
        """Return the handlers of the package of that name, which may require these ports by name and type.

        Raise `ContractBroken` for a module that does not hold exactly the handler that its name spells.
        """
        try:
            paths = import_module(package).__path__
        except ModuleNotFoundError as error:
            raise ContractBroken(f"There is no package of handlers called {package!r}: {error}.") from error
        names = sorted(info.name for info in pkgutil.iter_modules(paths))
        return cls({name: handler_in(package, name, ports) for name in names})

    def known(self, name: str) -> type[ActionHandler] | None:
        """Return the handler, if there is one."""
        return self._handlers.get(name)

    def find(self, name: str, *, internal: bool) -> type[ActionHandler]:
        """Return the handler, or raise `UnknownAction`; one for internal use is known to internal callers only."""
        handler = self._handlers.get(name)
        if handler is None or (handler.internal and not internal):
            raise UnknownAction
        return handler

    def public(self) -> Iterator[tuple[str, type[ActionHandler]]]:
        """Yield the actions that callers may ask for, by name."""
        return ((name, handler) for name, handler in self._handlers.items() if not handler.internal)


def handler_in(package: str, name: str, ports: Mapping[str, Any]) -> type[ActionHandler]:
    """Return the one handler of the module `name` of `package`, or raise `ContractBroken`."""
    where = f"{package}.{name}"
    if not NAME.fullmatch(name):
        raise ContractBroken(f"{where}: an action's name is lower case words, as in create_kit; rename the module.")
    module = _imported(where)
    expected = "".join(word.capitalize() for word in name.split("_"))
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ActionHandler) and value.__module__ == where
    ]
    if [handler.__name__ for handler in found] != [expected]:
        names = ", ".join(handler.__name__ for handler in found) or "none"
        raise ContractBroken(f"{where}: it must hold one handler, {expected}; it holds {names}.")
    _check_ports(found[0], where, ports)
    return found[0]


def _imported(where: str) -> ModuleType:
    try:
        return import_module(where)
    except TypeError as error:
        if "__init_subclass__()" not in str(error):
            raise
        reason = str(error).partition("__init_subclass__() ")[2]
        raise ContractBroken(
            f'{where}: the class line is {reason}; write `class X(ActionHandler, permission="area.verb")`; '
            f"the policies are {POLICIES}."
        ) from error


def _check_ports(handler: type[ActionHandler], where: str, ports: Mapping[str, Any]) -> None:
    for name, hint in handler.ports.items():
        if name not in ports:
            raise ContractBroken(f"{where}: no port is called {name!r}; the ports are {', '.join(sorted(ports))}.")
        if hint not in (Any, ports[name]):
            expected, given = (getattr(kind, "__name__", str(kind)) for kind in (ports[name], hint))
            raise ContractBroken(f"{where}: the port {name!r} is of type {expected}, not {given}; annotate it so.")
