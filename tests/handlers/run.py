"""Running a handler as the runner does, without one."""

from typing import Any

import pytest

from ports.action import ActionHandler
from ports.problem import Problem
from service.testing import run

__all__ = ["refusal", "run"]


async def refusal(action: ActionHandler) -> dict[str, Any]:
    """The whole of what a caller is told."""
    with pytest.raises(Problem) as raised:
        await run(action)
    return raised.value.document()
