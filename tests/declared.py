"""Which problems an action may answer: those that it declares, and those that any action may meet."""

from ports.action import ActionHandler
from ports.actions import DryRunRefused, InternalError, OutputTooLarge, UnknownAction
from ports.argument import InvalidArguments, MalformedJson
from ports.background import BackgroundRefused
from ports.checkpoint import PermissionRevoked, ScopeMissing
from ports.json_limits import JsonTooDeep, JsonTooManyValues
from ports.ledger import (
    IdempotencyKeyInUse,
    IdempotencyKeyMissing,
    IdempotencyKeyRefused,
    IdempotencyKeyReused,
    MalformedIdempotencyKey,
)
from ports.problem import Problem, Unauthenticated, Unavailable

OF_ANY_ACTION: tuple[type[Problem], ...] = (
    Unauthenticated, ScopeMissing, PermissionRevoked, UnknownAction, InternalError, Unavailable,
    MalformedJson, InvalidArguments, JsonTooDeep, JsonTooManyValues, OutputTooLarge, DryRunRefused, BackgroundRefused,
    IdempotencyKeyInUse, IdempotencyKeyReused, IdempotencyKeyRefused, IdempotencyKeyMissing, MalformedIdempotencyKey,
)  # fmt: skip
OF_HTTP = {
    "body_too_large",
    "request_timed_out",
    "method_not_allowed",
    "unsupported_media_type",
    "malformed_request_timeout",
}


def undeclared(handler: type[ActionHandler] | None, code: str) -> str | None:
    """Return the code again if the action may not answer it; an unknown action declares nothing."""
    declared = handler.problems if handler else ()
    return None if code in OF_HTTP or issubclass(Problem.known[code], (*declared, *OF_ANY_ACTION)) else code
