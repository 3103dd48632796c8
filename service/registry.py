"""The registry: the modules in `handlers/`, as actions by name, frozen at start-up."""

import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any, Self

from ports.action import ActionHandler
from ports.actions import UnknownAction
from ports.contract import ContractBroken
from ports.schedule import Schedule

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Registry:
    """Handlers by the names of their actions; `scheduled` are those that run by themselves, and when."""

    def __init__(self, handlers: Mapping[str, type[ActionHandler]]) -> None:
        self._handlers = dict(handlers)
        self.scheduled: Mapping[str, Schedule] = {
            name: handler.schedule for name, handler in handlers.items() if handler.schedule is not None
        }

    @classmethod
    def found_in(cls, package: str, ports: Mapping[str, Any]) -> Self:
        """Return the handlers of the package of that name, which may require these ports by name and type.

        Raise `ContractBroken` for a module that does not hold exactly the handler that its name spells.
        """
        paths = getattr(_imported(package), "__path__", None)
        if paths is None:
            raise ContractBroken(f"{package} is a module; actions live in a package, a module for each.")
        names = sorted(info.name for info in pkgutil.iter_modules(paths))
        handlers = {name: handler_in(package, name, ports) for name in names}
        _check_successors(package, handlers)
        return cls(handlers)

    def known(self, name: str) -> type[ActionHandler] | None:
        """Return the handler, if there is one."""
        return self._handlers.get(name)

    def find(self, name: str, *, internal: bool) -> type[ActionHandler]:
        """Return the handler, or raise `UnknownAction`; one for internal use is known to internal callers only."""
        handler = self._handlers.get(name)
        if handler is None or (handler.internal and not internal):
            raise UnknownAction
        return handler

    def all(self) -> Iterator[tuple[str, type[ActionHandler]]]:
        """Yield every action by name."""
        return iter(self._handlers.items())

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
    found = {
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ActionHandler) and value.__module__ == where
    }
    if [handler.__name__ for handler in found] != [expected]:
        names = ", ".join(sorted(handler.__name__ for handler in found)) or "none"
        raise ContractBroken(f"{where}: it must hold one handler, {expected}, and holds {names}; rename or move it.")
    (handler,) = found
    _check_ports(handler, where, ports)
    return handler


def _imported(where: str) -> ModuleType:
    try:
        return import_module(where)
    except ContractBroken:
        raise
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{where}.".startswith(f"{error.name}."):
            mend = "set ACTIONBUS_HANDLERS to one that can be imported"
            raise ContractBroken(f"There is no package of handlers called {where!r}; {mend}.") from error
        reason, mend = f"{type(error).__name__}: {error}", "mend the module or what it imports"
        raise ContractBroken(f"{where} cannot be imported ({reason}{_line(error, where)}); {mend}.") from error


def _line(error: Exception, where: str) -> str:
    """Return the line of the module that the error came through, if it got as far as running."""
    name = where.rpartition(".")[2]
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if Path(frame.filename).stem == name]
    return f", in line {lines[-1]}" if lines else ""


def _check_ports(handler: type[ActionHandler], where: str, ports: Mapping[str, Any]) -> None:
    for name, hint in handler.ports.items():
        if name not in ports:
            known = ", ".join(sorted(ports))
            raise ContractBroken(f"{where}: no port is called {name!r}; require one of {known}, or give it an Arg.")
        if hint not in (Any, ports[name]):
            expected, given = _spelt(ports[name]), _spelt(hint)
            mend = f"write `{name}: {ports[name].__name__}`"
            raise ContractBroken(f"{where}: the port {name!r} is a {expected}, not a {given}; {mend}.")


def _check_successors(package: str, handlers: Mapping[str, type[ActionHandler]]) -> None:
    for name, handler in handlers.items():
        instead = handler.deprecated and handler.deprecated.instead
        if instead and (instead not in handlers or handlers[instead].internal):
            mend = "name one that callers may run"
            raise ContractBroken(f"{package}.{name}: it is deprecated for {instead!r}, which is no action; {mend}.")


def _spelt(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}" if isinstance(kind, type) else str(kind)
