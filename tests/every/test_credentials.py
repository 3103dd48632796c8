"""Every action with credentials that allow little."""

from collections.abc import Collection

import pytest

from tests.every.conftest import PUBLIC, Stage
from tests.every.rows import ROWS
from tests.every.world import runner_of


async def told(stage: Stage, action: str, scopes: Collection[str]) -> str | None:
    row = ROWS[action]
    runner = runner_of(stage.service, stage.world.actor(row.doer), *scopes)
    outcome = await runner.run(action, row.asks(stage.world.ours))
    return outcome.problem.code if outcome.problem else None


@pytest.mark.parametrize("action", ROWS)
async def test_each_scope_that_it_needs_must_be_there_and_they_are_enough(stage: Stage, action: str) -> None:
    needed = {PUBLIC[action].permission, *ROWS[action].scopes}
    await stage.prepare(action, stage.world.ours)

    for each in needed:
        assert await told(stage, action, needed - {each} | {f"{each}s"}) == "scope_missing"
    assert await told(stage, action, needed) is None
