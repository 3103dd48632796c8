"""Every action, asked for as it may not be."""

import pytest

from ports.argument import InvalidArguments
from tests.every.conftest import PUBLIC, Stage
from tests.every.rows import REFUSED, ROWS, refused_arguments

PAGED = [action for action in ROWS if "cursor" in PUBLIC[action].arguments]
UNFIT = [{"an": "object"}]


async def pointers(stage: Stage, action: str, arguments: dict[str, object]) -> list[str]:
    """To what is wrong with the arguments."""
    outcome = await stage.run(stage.world.actor("owner"), action, arguments)
    assert isinstance(outcome.problem, InvalidArguments)
    return [error.pointer for error in outcome.problem.errors]


@pytest.mark.parametrize(("action", "code"), REFUSED, ids=map("-".join, REFUSED))
async def test_what_cannot_be_is_a_problem_and_changes_nothing(stage: Stage, action: str, code: str) -> None:
    ours, before = stage.world.ours, await stage.changes()

    outcome = await stage.run(
        stage.world.actor(ROWS[action].refused_one), action, refused_arguments(action, code, ours)
    )

    assert outcome.problem is not None
    assert (outcome.problem.code, await stage.changes()) == (code, before)


@pytest.mark.parametrize("action", ROWS)
async def test_each_argument_is_checked(stage: Stage, action: str) -> None:
    declared, asked = stage.handler(action).arguments, ROWS[action].asks(stage.world.ours)

    for name in declared:
        assert {p.split("/")[1] for p in await pointers(stage, action, asked | {name: UNFIT})} == {name}
    for name in asked:
        left = {other: value for other, value in asked.items() if other != name}
        if declared[name].required:
            assert await pointers(stage, action, left) == [f"/{name}"]
    assert await pointers(stage, action, asked | {"surprise": 1}) == ["/surprise"]


@pytest.mark.parametrize("action", PAGED)
async def test_a_cursor_that_no_page_gave_is_a_problem(stage: Stage, action: str) -> None:
    asked = ROWS[action].asks(stage.world.ours) | {"cursor": "nowhere"}

    outcome = await stage.run(stage.world.actor(ROWS[action].doer), action, asked)

    assert outcome.problem is not None
    assert outcome.problem.code == "invalid_cursor"
