"""Other actions in memory: those that a test says there are."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar, Unpack, overload
from uuid import UUID

from ports.actions import UnknownAction
from ports.background import Later, Wishes
from ports.problem import Problem

T = TypeVar("T")


class Enqueued(NamedTuple):
    """An action that is to be run later, and how."""

    id: UUID
    name: str
    arguments: Mapping[str, object]
    later: Later


class MemoryActions:
    """Actions by name, each with what it always answers: its output, or the problem that it raises.

    `MemoryActions(find_file=file)` answers every call of `find_file` with that file; `calls` are those made, in order,
    and `enqueued` what is to be run later.
    """

    def __init__(self, **answers: object) -> None:
        self._answers = answers
        self.calls: list[tuple[str, Mapping[str, object]]] = []
        self.enqueued: list[Enqueued] = []

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

    async def enqueue(self, name: str, arguments: Mapping[str, object], **later: Unpack[Wishes]) -> UUID:
        """See `Actions`. The ids are counted from 1; an answer that is a problem is raised."""
        if isinstance(answer := self._answers.get(name), Problem):
            raise answer
        enqueued = Enqueued(UUID(int=len(self.enqueued) + 1), name, dict(arguments), Later(**later))
        self.enqueued.append(enqueued)
        return enqueued.id
