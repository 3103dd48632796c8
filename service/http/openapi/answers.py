"""Which problems an operation may answer. What every one does, or every one of a kind, is said here, once."""

from typing import Any

from ports.action import ActionHandler
from ports.actions import ExecutionCancelled, InternalError, TimedOut
from ports.argument import InvalidArguments, MalformedJson
from ports.checkpoint import PermissionRevoked, ScopeMissing
from ports.ledger import IdempotencyKeyInUse, IdempotencyKeyRefused, IdempotencyKeyReused, MalformedIdempotencyKey
from ports.problem import Problem, Unauthenticated
from ports.unit_of_work import Contended, DatabaseUnavailable, OutcomeUnknown, Overloaded
from service.http.problems import BodyTooLarge, UnsupportedMediaType

Kinds = tuple[type[Problem], ...]
OF_EVERY_CALLER: Kinds = (Unauthenticated, ScopeMissing)
OF_EVERY_ACTION: Kinds = (
    *OF_EVERY_CALLER, InvalidArguments, InternalError, DatabaseUnavailable, Overloaded, Contended, ExecutionCancelled,
    TimedOut,
)  # fmt: skip
OF_BODIES: Kinds = (MalformedJson, BodyTooLarge, UnsupportedMediaType)
OF_WRITING: Kinds = (OutcomeUnknown, MalformedIdempotencyKey)
OF_KEYS: Kinds = (IdempotencyKeyInUse, IdempotencyKeyReused)


def takes_key(handler: type[ActionHandler]) -> bool:
    """Return whether an Idempotency-Key may be sent along."""
    return not (handler.readonly or handler.secrets or handler.secret_output)


def problems_of(handler: type[ActionHandler], method: str) -> Kinds:
    """Return all that an action may answer instead of its output."""
    kinds = [*OF_EVERY_ACTION, *handler.problems]
    if method != "GET":
        kinds += OF_BODIES
    if not handler.readonly:
        kinds += OF_WRITING if takes_key(handler) else (*OF_WRITING, IdempotencyKeyRefused)
        kinds += [PermissionRevoked] if "checkpoint" in handler.requires else []
    return (*kinds, *(OF_KEYS if takes_key(handler) else ()))


def answering(*problems: type[Problem], anybody: bool = False) -> dict[str, Any]:
    """Return the `openapi_extra` of a plain route: its problems beside bugs, and whether `anybody` may ask."""
    kinds: Kinds = (*problems, InternalError)
    return {"x-problems": [kind.code for kind in kinds]} | ({"security": []} if anybody else {})


def is_kept(kind: type[Problem]) -> bool:
    """Return whether an Idempotency-Key stands for it: what comes before the key is looked at, or may pass, is not."""
    return not kind.retryable and kind not in (*OF_EVERY_ACTION, *OF_BODIES, *OF_WRITING, *OF_KEYS)
