"""Which problems an operation may answer. What every one does, or every one of a kind, is said here, once."""

from typing import Any

from ports.action import ActionHandler
from ports.actions import ExecutionCancelled, InternalError, OutputTooLarge, TimedOut
from ports.argument import InvalidArguments, MalformedJson
from ports.background import BackgroundRefused, WorkerLost
from ports.checkpoint import PermissionRevoked, ScopeMissing
from ports.json_limits import JsonTooDeep, JsonTooManyValues
from ports.ledger import (
    IdempotencyKeyInUse,
    IdempotencyKeyMissing,
    IdempotencyKeyRefused,
    IdempotencyKeyReused,
    MalformedIdempotencyKey,
    takes_key,
)
from ports.problem import Problem, Unauthenticated
from ports.unit_of_work import Contended, DatabaseUnavailable, OutcomeUnknown, Overloaded, QueryTimedOut
from service.http.limits import BodyTooLarge, MalformedRequestTimeout, RequestTimedOut, UnsupportedMediaType

Kinds = tuple[type[Problem], ...]
OF_EVERY_CALLER: Kinds = (Unauthenticated, ScopeMissing)
OF_EVERY_ACTION: Kinds = (
    *OF_EVERY_CALLER, InvalidArguments, InternalError, DatabaseUnavailable, Overloaded, Contended, ExecutionCancelled,
    TimedOut, QueryTimedOut, OutputTooLarge, MalformedRequestTimeout,
)  # fmt: skip
OF_BODIES: Kinds = (MalformedJson, JsonTooDeep, JsonTooManyValues, BodyTooLarge, RequestTimedOut, UnsupportedMediaType)
OF_WRITING: Kinds = (OutcomeUnknown, MalformedIdempotencyKey)
OF_KEYS: Kinds = (IdempotencyKeyInUse, IdempotencyKeyReused)
OF_WAITING: Kinds = (WorkerLost,)
OF_ANY: Kinds = (*OF_EVERY_ACTION, *OF_BODIES, *OF_WRITING, *OF_KEYS, *OF_WAITING)


def can_wait(handler: type[ActionHandler]) -> bool:
    """Return whether an action can be run in the background: what has a key is what can be kept."""
    return takes_key(handler)


def problems_of(handler: type[ActionHandler], method: str) -> Kinds:
    """Return all that an action may answer instead of its output."""
    kinds = [*OF_EVERY_ACTION, *handler.problems]
    if method != "GET":
        kinds += OF_BODIES
    if not handler.readonly:
        kinds += OF_WRITING + (OF_WAITING if can_wait(handler) else (IdempotencyKeyRefused, BackgroundRefused))
        kinds += [PermissionRevoked] if "checkpoint" in handler.requires else []
    kinds += [IdempotencyKeyMissing] if handler.key_required else []
    return (*kinds, *(OF_KEYS if takes_key(handler) else ()))


def answering(*problems: type[Problem], anybody: bool = False) -> dict[str, Any]:
    """Return the `openapi_extra` of a plain route: its problems beside bugs, and whether `anybody` may ask."""
    kinds: Kinds = (*problems, InternalError)
    return {"x-problems": [kind.code for kind in kinds]} | ({"security": []} if anybody else {})


def is_kept(kind: type[Problem]) -> bool:
    """Return whether an Idempotency-Key stands for it: what comes before the key is looked at, or may pass, is not."""
    return not kind.retryable and kind not in OF_ANY
