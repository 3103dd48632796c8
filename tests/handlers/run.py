"""Running a handler as the runner does, without one."""

from typing import Any

import pytest

from ports.action import ActionHandler
from ports.problem import Problem


async def run(action: ActionHandler) -> Any:
    """Validate and execute."""
    await action.validate()
    return await action.execute()


async def refusal(action: ActionHandler) -> dict[str, Any]:
    """The whole of what a caller is told, which the action has declared."""
    with pytest.raises(Problem) as raised:
        await run(action)
    assert isinstance(raised.value, action.problems)
    return raised.value.document()
