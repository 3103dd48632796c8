"""The ledger: one row for each execution, its audit record and idempotency record at once."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from ports.action import ActionHandler, Caller
from ports.background import Later
from ports.problem import Conflict, Invalid

KEY = re.compile(r"[\x20-\x7e]{1,255}")
State = Literal["queued", "running", "succeeded", "rejected", "failed", "cancelled"]
OPEN: frozenset[State] = frozenset({"queued", "running"})  # the others are final


class IdempotencyKeyInUse(Conflict):
    """A request with this Idempotency-Key is under way.

    Wait for its answer; sending the same again later returns it.
    """

    retryable = True


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used with other arguments.

    Make a new key for a new request.
    """


class IdempotencyKeyRefused(Invalid):
    """This action's arguments or output are secret, so its answer is not kept and cannot be replayed.

    Send it without an Idempotency-Key.
    """


class IdempotencyKeyMissing(Invalid):
    """This action is done once for each Idempotency-Key, and takes no request without one.

    Make a key for the request, such as a UUID, and send the same one again if you send the request again.
    """

    status = 400


class MalformedIdempotencyKey(Invalid):
    """An Idempotency-Key is 1 to 255 printable ASCII characters.

    See draft-ietf-httpapi-idempotency-key-header; it may stand in double quotes.
    """

    status = 400


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row of the ledger. `arguments`, `output` and `problem` are JSON text; what is secret is in none of them.

    One that is `queued` says how it is to be run `later`; others of its `unique_key` are the same.
    """

    id: UUID
    action: str
    state: State
    caller: Caller
    space_id: UUID | None
    arguments: str
    output: str | None
    problem: str | None
    key: str | None
    fingerprint: bytes | None
    parent_id: UUID | None
    trace_id: str
    submitted_at: datetime
    finished_at: datetime | None
    later: Later | None = None
    queue: str = "default"
    priority: int = 0
    unique_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What an idempotency key stands for: the execution that used it first, and what came of it.

    One that was asked for in the `background` stands for its being accepted, whatever came of it.
    """

    id: UUID
    fingerprint: bytes
    background: bool
    output: str | None
    problem: str | None


def takes_key(handler: type[ActionHandler]) -> bool:
    """Return whether an idempotency key counts for `handler`: it writes, and none of it is secret."""
    return not (handler.readonly or handler.secrets or handler.secret_output)


def checked_key(key: str | None, handler: type[ActionHandler], *, nested: bool) -> str | None:
    """Return the idempotency key that counts for `handler`: for one that only reads, none.

    Raise `MalformedIdempotencyKey`, `IdempotencyKeyMissing` or `IdempotencyKeyRefused`.
    """
    if key is None and handler.key_required and not nested:
        raise IdempotencyKeyMissing
    if key is None or handler.readonly:
        return None
    if not KEY.fullmatch(key):
        raise MalformedIdempotencyKey
    if not takes_key(handler):
        raise IdempotencyKeyRefused
    return key


class Ledger(Protocol):
    """Executions, within the transaction of the unit of work."""

    async def claim(self, *, actor: str, action: str, key: str) -> Stored | None:
        """Hold the key until the transaction ends, and return what it stands for already, unless that has expired.

        Raise `IdempotencyKeyInUse` at once if another transaction holds it.
        """
        ...

    async def write(self, entry: Entry) -> None:
        """Add the row."""
        ...
