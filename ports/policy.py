"""What a handler says of itself in its class line."""

from collections.abc import Mapping
from typing import Any, ClassVar, Required, TypedDict

from ports.background import Retry, Unique
from ports.deprecation import Deprecated
from ports.problem import Problem
from ports.schedule import Schedule


class Policy(TypedDict, total=False):
    """The keywords of a handler's class line; all but the `permission` (area.verb) have a default.

    `problems` are those that it may raise. One that is `readonly` changes nothing and leaves no ledger row. One that is
    `idempotent` leaves things as they are when it is done again with the same arguments. `key_required`: it takes no
    request without an idempotency key. One that is `internal` is run by other actions and the service only. One for an
    `operator` asks for a scope that names its permission: everything (`*`) does not hold that. `timeout` is in seconds.
    A `secret_output` is on no record. `deprecated` says since when, until when at least, and what to use instead.

    In the background: `retry` says which attempts are made again, `unique` which executions are one, `priority` which
    go first, `queue` which workers take it, and `concurrency` how many run at once over all workers. With `background`
    it is run there only, whoever asks. By its `schedule`, a text being a cron expression in UTC, it runs by itself.
    """

    permission: Required[str]
    problems: tuple[type[Problem], ...]
    readonly: bool
    idempotent: bool
    key_required: bool
    internal: bool
    operator: bool
    timeout: float
    secret_output: bool
    deprecated: Deprecated | None
    retry: Retry
    unique: Unique | None
    priority: int
    queue: str
    concurrency: int | None
    background: bool
    schedule: Schedule | str | None


class Declared:
    """A handler's policy, as its class has it."""

    permission: ClassVar[str]
    problems: ClassVar[tuple[type[Problem], ...]]
    readonly: ClassVar[bool]
    idempotent: ClassVar[bool]
    key_required: ClassVar[bool]
    internal: ClassVar[bool]
    operator: ClassVar[bool]
    timeout: ClassVar[float]
    secret_output: ClassVar[bool]
    deprecated: ClassVar[Deprecated | None]
    retry: ClassVar[Retry]
    unique: ClassVar[Unique | None]
    priority: ClassVar[int]
    queue: ClassVar[str]
    concurrency: ClassVar[int | None]
    background: ClassVar[bool]
    schedule: ClassVar[Schedule | None]


NAMES = tuple(Policy.__annotations__)
DEFAULTS: Mapping[str, Any] = {
    "problems": (),
    "readonly": False,
    "idempotent": False,
    "key_required": False,
    "internal": False,
    "operator": False,
    "timeout": 30.0,
    "secret_output": False,
    "deprecated": None,
    "retry": Retry(),
    "unique": None,
    "priority": 0,
    "queue": "default",
    "concurrency": None,
    "background": False,
    "schedule": None,
}
