"""Rows of the ledger for the tests of what reads it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from adapters.memory.job import Job
from ports.action import Caller
from ports.background import Later
from ports.ledger import Entry
from tests.library import SPACE

AT = datetime(2026, 1, 1, tzinfo=UTC)


def recorded(number: int, *, actor: str = "tester", space_id: UUID | None = SPACE.id, **fields: Any) -> Entry:
    """The row of that number, of a kit's creation that succeeded unless another state and problem are given."""
    row: dict[str, Any] = {
        "id": UUID(int=1000 + number),
        "action": "create_kit",
        "state": "succeeded",
        "caller": Caller(actor=actor),
        "space_id": space_id,
        "arguments": '{"name": "Red"}',
        "output": None if "problem" in fields else '{"name": "Red"}',
        "problem": None,
        "key": None,
        "fingerprint": None,
        "parent_id": None,
        "trace_id": "trace",
        "submitted_at": AT,
        "finished_at": AT,
    }
    return Entry(**row | fields)


def worked(number: int, **fields: Any) -> Job:
    """The same of one that was run in the background."""
    return Job(**vars(recorded(number, **{"later": Later(), **fields})), run_at=AT, attempt=1, started_at=AT)
