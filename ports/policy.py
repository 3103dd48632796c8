"""What a handler says of itself in its class line."""

from collections.abc import Mapping
from typing import Any, Required, TypedDict

from ports.deprecation import Deprecated
from ports.problem import Problem


class Policy(TypedDict, total=False):
    """The keywords of a handler's class line; all but the `permission` (area.verb) have a default.

    `problems` are those that it may raise. One that is `readonly` changes nothing and leaves no ledger row. One that is
    `idempotent` leaves things as they are when it is done again with the same arguments. `key_required`: it takes no
    request without an idempotency key. One that is `internal` is run by other actions and the service only. One for an
    `operator` asks for a scope that names its permission: everything (`*`) does not hold that. `timeout` is in seconds.
    A `secret_output` is on no record. `deprecated` says since when, until when at least, and what to use instead.
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
}
