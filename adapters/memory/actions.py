"""Other actions in memory: those that a test says there are."""

from collections.abc import Mapping
from typing import Any, TypeVar, overload

from ports.actions import UnknownAction
from ports.problem import Problem

T = TypeVar("T")


class MemoryActions:
    """Actions by name, each with what it always answers: its output, or the problem that it raises.

    `MemoryActions(find_file=file)` answers every call of `find_file` with that file; `calls` are those made, in order.
    """

    def __init__(self, **answers: object) -> None:
        self._answers = answers
        self.calls: list[tuple[str, Mapping[str, object]]] = []

    @overload
    async def execute(self, name: str, arguments: Mapping[str, object], *, returns: type[T]) -> T: ...
    @overload
    async def execute(self, name: str, arguments: Mapping[str, object]) -> Any: ...
    async def execute(self, name: str, arguments: Mapping[str, object], *, returns: type[Any] = object) -> Any:
        """See `Actions`."""
        self.calls.append((name, dict(arguments)))
        if name not in self._answers:
            raise UnknownAction
        answer = self._answers[name]
        if isinstance(answer, Problem):
            raise answer
        if not isinstance(answer, returns):
            raise TypeError(f"{name} returns {type(answer).__name__}, not {returns.__name__}.")
        return answer
