"""What is on record of attempts: how far they have come, and the problems that they met."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from pydantic import JsonValue

TIMES = ("started_at", "ended_at")
NOTHING_SAID: dict[str, Any] = {
    "type": "", "title": "", "status": 500, "detail": "", "instance": None, "code": "", "retryable": False,
    "trace_id": "",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ProblemRecord:
    """A problem as it was answered; its own members beside those of every problem are in `members`."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None
    code: str
    retryable: bool
    trace_id: str
    members: dict[str, JsonValue]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return what a problem document says; one of an older version may say less."""
        said = {**NOTHING_SAID, **document}
        own = {name: value for name, value in document.items() if name not in NOTHING_SAID}
        return cls(**{name: said[name] for name in NOTHING_SAID}, members=own)


@dataclass(frozen=True, kw_only=True)
class FailedAttempt:
    """An attempt that was not the last, and why there was another one."""

    attempt: int
    started_at: datetime
    ended_at: datetime
    problem: ProblemRecord

    @classmethod
    def of(cls, failure: Mapping[str, Any]) -> Self:
        """Return what was written of it, as JSON has it."""
        started_at, ended_at = (datetime.fromisoformat(failure[name]).astimezone(UTC) for name in TIMES)
        problem = ProblemRecord.of(failure["problem"])
        return cls(attempt=failure["attempt"], started_at=started_at, ended_at=ended_at, problem=problem)


@dataclass(frozen=True, kw_only=True)
class ProgressRecord:
    """How far an execution has come: so many steps of a `total`, if that is known."""

    done: int
    total: int | None = None
    note: str = ""
