"""The inbound port: the shape of every use case, whoever calls it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import count
from typing import Any, ClassVar, Literal, TypeVar, Unpack, dataclass_transform, overload
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from ports.argument import MISSING, Argument, Constraints
from ports.contract import read_contract
from ports.policy import Declared, Policy
from ports.uuid7 import uuid7

T = TypeVar("T")
EntryPoint = Literal["http", "cli", "service", "queue", "schedule"]
ActorKind = Literal["person", "service", "link"]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: the actor, on whose behalf if another's, by which entry point, and what their credentials allow.

    `kind` and `name` are what the credentials say of the actor besides.
    """

    actor: str
    via: str | None = None
    entry_point: EntryPoint = "service"
    scopes: frozenset[str] = frozenset({"*"})
    kind: ActorKind = "person"
    name: str | None = None

    def may(self, permission: str, *, operator: bool = False) -> bool:
        """Whether the scopes hold `permission`; unless it is an operator's, also its area (`kit.*`) or all (`*`)."""
        if operator:
            return permission in self.scopes
        return not self.scopes.isdisjoint(("*", permission, f"{permission.partition('.')[0]}.*"))


FIXED_ID = UUID("019b76da-a800-7000-8000-000000000000")


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One run of an action. What a handler knows of time and identity comes from here, so it can be replayed."""

    id: UUID = FIXED_ID
    caller: Caller = Caller(actor="tester")
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    parent: UUID | None = None
    trace_id: str = ""
    _made: Iterator[int] = field(default_factory=count, repr=False, compare=False)

    def new_id(self) -> UUID:
        """Return a UUIDv7 made from `at`, the execution's id and how many were made before: ids sort as made."""
        made = next(self._made)
        digest = blake2b(self.id.bytes + made.to_bytes(8), digest_size=8).digest()
        return uuid7(self.at, (made & 0xFFFFF) << 54 | int.from_bytes(digest) >> 10)


@overload
def Arg(*, default: T, **constraints: Unpack[Constraints]) -> T: ...
@overload
def Arg(**constraints: Unpack[Constraints]) -> Any: ...
@overload
def Arg(kind: object, *, required: bool = ..., default: object = ..., **constraints: Unpack[Constraints]) -> Any: ...
def Arg(kind: Any = Any, *, required: bool = True, default: object = MISSING, **said: Unpack[Constraints]) -> Any:
    """Declare an argument. Without a default it is required; `required=False` alone makes the default None.

    `options` are the values allowed; `validator` returns the value, if it is not None, or raises ValueError; a
    `secret` is on no record.
    """
    if not required and default is MISSING:
        kind, default = kind | None, None
    return Argument(type=kind, default=default, constraints=said)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Arg,))
class Contract:
    """What makes the annotations of a class body its constructor: this class's own would not reach it."""

    requires: ClassVar[Sequence[str]] = ()
    arguments: ClassVar[Mapping[str, Argument]] = {}
    names: ClassVar[frozenset[str]] = frozenset()
    defaults: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, **values: Any) -> None:
        """Take each port and each argument by name; values are taken as checked, as `check` returns them."""
        if values.keys() != self.names:
            values = {"execution": Execution(), **self.defaults, **values}
            if values.keys() != self.names:
                raise TypeError(f"{type(self).__name__} takes {sorted(self.names)}, not {sorted(values)}.")
        vars(self).update(values)


class ActionHandler(Contract, Declared):
    """A use case. In its body a bare annotation is a port, and an annotation with `Arg` is an argument.

    Its policy is class keywords, as `Policy` says. The older spelling, `requires` and `arguments` in the body, does the
    same as the annotations.
    """

    execution: Execution = Arg(default=Execution())

    secrets: ClassVar[frozenset[str]]
    flat: ClassVar[bool]
    ports: ClassVar[Mapping[str, Any]]
    input_model: ClassVar[type[BaseModel]]
    output: ClassVar[TypeAdapter[Any]]

    def __init_subclass__(cls, **policy: Unpack[Policy]) -> None:
        read_contract(cls, ActionHandler, policy)

    async def validate(self) -> None:
        """Read, and raise a `Problem` if the action may not go ahead."""

    async def execute(self) -> Any:
        """Do it, and return the output."""
        raise NotImplementedError
