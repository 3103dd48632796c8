"""What came of each step, for comparison with what the other clients were told."""

import json
import sys
from typing import Any, TypeVar

from client.types import File, Response

P = TypeVar("P")
T = TypeVar("T")
STEPS: list[dict[str, Any]] = []


def told(call: str, response: Response[P], kind: type[T]) -> T:
    """What was answered, which must be of the kind that was expected."""
    answer = response.parsed
    assert isinstance(answer, kind), f"{call}: {response.status_code} {response.content!r}"
    replayed = response.headers.get("idempotent-replayed") == "true"
    STEPS.append({"call": call, "status": response.status_code, "replayed": replayed, "answer": said(answer)})
    return answer


def said(answer: Any) -> Any:
    """An answer as JSON."""
    if isinstance(answer, File):
        return answer.payload.read().decode()
    return [each.to_dict() for each in answer] if isinstance(answer, list) else answer.to_dict()


def known(value: T | None) -> T:
    """What may be null, and is not."""
    assert value is not None
    return value


def finish() -> None:
    """Tell all that came."""
    sys.stdout.write(json.dumps(STEPS))
