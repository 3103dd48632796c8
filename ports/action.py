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
from ports.deprecation import Deprecated
from ports.problem import Problem
from ports.uuid7 import uuid7

T = TypeVar("T")
EntryPoint = Literal["http", "cli", "service", "queue", "schedule"]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: the actor, on whose behalf if another's, by which entry point, and what their credentials allow."""

    actor: str
    via: str | None = None
    entry_point: EntryPoint = "service"
    scopes: frozenset[str] = frozenset({"*"})

    def may(self, permission: str) -> bool:
        """Whether the scopes hold `permission` itself, its area (`kit.*` for `kit.create`) or everything (`*`)."""
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


class ActionHandler(Contract):
    """A use case. In its body a bare annotation is a port, and an annotation with `Arg` is an argument.

    Its policy is class keywords: `permission` (area.verb), the `problems` that it may raise, `readonly` (it changes
    nothing: no ledger row), `internal` (only other actions and the service run it), `timeout` in seconds,
    `secret_output` (on no record), and `deprecated` (since when, until when at least, and what to use instead). The
    older spelling, `requires` and `arguments` in the body, does the same.
    """

    execution: Execution = Arg(default=Execution())

    permission: ClassVar[str]
    problems: ClassVar[tuple[type[Problem], ...]]
    readonly: ClassVar[bool]
    internal: ClassVar[bool]
    timeout: ClassVar[float]
    secret_output: ClassVar[bool]
    deprecated: ClassVar[Deprecated | None]
    secrets: ClassVar[frozenset[str]]
    flat: ClassVar[bool]
    ports: ClassVar[Mapping[str, Any]]
    input_model: ClassVar[type[BaseModel]]
    output: ClassVar[TypeAdapter[Any]]

    def __init_subclass__(
        cls,
        *,
        permission: str,
        problems: tuple[type[Problem], ...] = (),
        readonly: bool = False,
        internal: bool = False,
        timeout: float = 30.0,
        secret_output: bool = False,
        deprecated: Deprecated | None = None,
    ) -> None:
        cls.permission, cls.problems, cls.readonly = permission, problems, readonly
        cls.internal, cls.timeout, cls.secret_output = internal, timeout, secret_output
        cls.deprecated = deprecated
        read_contract(cls, ActionHandler)

    async def validate(self) -> None:
        """Read, and raise a `Problem` if the action may not go ahead."""

    async def execute(self) -> Any:
        """Do it, and return the output."""
        raise NotImplementedError
