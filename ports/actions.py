"""Running actions from an action."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar, Unpack, overload
from uuid import UUID

from ports.background import Wishes
from ports.problem import Invalid, NotFound, Problem, Unavailable

T = TypeVar("T")


class UnknownAction(NotFound):
    """There is no such action.

    `GET /actions` lists those there are.
    """


class TimedOut(Unavailable):
    """The action took longer than it may, and was stopped.

    Nothing was changed.
    """

    status = 504


class OutputTooLarge(Invalid):
    """The answer is larger than the service gives.

    Nothing was changed. Ask for less at once, by a smaller `limit` for one.
    """

    limit: int


class DryRunRefused(Invalid):
    """This action cannot be tried without doing it.

    It changes nothing, or something that cannot be undone: run it.
    """


class ExecutionCancelled(Unavailable):
    """The action was cancelled before it ended.

    Nothing was changed. Try again.
    """


class InternalError(Problem):
    """Something went wrong that should not have.

    Nothing was changed. The operators find the cause by the trace id.
    """


class Actions(Protocol):
    """Other actions, run within this one's transaction: what a nested action raises undoes what it did, no more."""

    @overload
    async def execute(self, name: str, arguments: Mapping[str, object], *, returns: type[T]) -> T: ...
    @overload
    async def execute(self, name: str, arguments: Mapping[str, object]) -> Any: ...
    async def enqueue(self, name: str, arguments: Mapping[str, object], **later: Unpack[Wishes]) -> UUID:
        """Validate an action and queue it: it is run once this one's transaction is committed, and only then.

        Return the execution's id; raise its `Problem`. See `Later` for what may be wished.
        """
        ...
