"""Calling an action as a function is called: its output is returned, its problem raised."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar, Unpack, get_origin, overload
from uuid import UUID

from ports.background import Accepted, Later, Wishes
from ports.history import PendingChange
from service.outcome import Outcome

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What an action would have returned and changed; nothing of it was kept."""

    output: Any
    changes: list[PendingChange]


class Runs(Protocol):
    """What runs actions to an `Outcome`."""

    async def run(
        self,
        name: str,
        sent: bytes | Mapping[str, object],
        *,
        key: str | None = None,
        dry_run: bool = False,
        internal: bool = False,
        later: Later | None = None,
    ) -> Outcome:
        """Run an action to its end, and return it whatever it is."""
        ...


class Calls(Runs):
    """`execute` and `enqueue` for all that runs."""

    @overload
    async def execute(
        self, name: str, arguments: Mapping[str, object], *, returns: type[T], key: str | None = ...
    ) -> T: ...
    @overload
    async def execute(self, name: str, arguments: Mapping[str, object], *, dry_run: Literal[True]) -> DryRun: ...
    @overload
    async def execute(self, name: str, arguments: Mapping[str, object], *, key: str | None = ...) -> Any: ...
    async def execute(
        self,
        name: str,
        arguments: Mapping[str, object],
        *,
        returns: type[Any] = object,
        key: str | None = None,
        dry_run: bool = False,
    ) -> Any:
        """Run an action and return its output, a `returns`; raise its `Problem`. A dry run returns a `DryRun`."""
        outcome = await self.run(name, arguments, key=key, dry_run=dry_run, internal=True)
        if outcome.problem is not None:
            raise outcome.problem
        if dry_run:
            return DryRun(output=outcome.output, changes=outcome.changes)
        return as_returned(name, outcome.output, returns)

    async def enqueue(
        self, name: str, arguments: Mapping[str, object], *, key: str | None = None, **later: Unpack[Wishes]
    ) -> UUID:
        """Validate an action and queue it, in this transaction if there is one; return the execution's id.

        Raise its `Problem`. See `Later` for what may be wished. Of one that is unique, the id is that of the execution
        there is already.
        """
        outcome = await self.run(name, arguments, key=key, internal=True, later=Later(**later))
        if outcome.problem is not None:
            raise outcome.problem
        if outcome.replayed_id is not None:
            return outcome.replayed_id
        accepted: Accepted = outcome.output
        return accepted.id


def as_returned(name: str, output: Any, returns: type[Any]) -> Any:
    """Return the output if it is a `returns`, or raise TypeError."""
    if not isinstance(output, get_origin(returns) or returns):
        raise TypeError(f"{name} returns {type(output).__name__}, not {returns.__name__}.")
    return output
