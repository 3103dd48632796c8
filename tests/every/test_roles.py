"""Every action by everybody: allowed from the least role up, and refused below."""

import re

import pytest

from service.outcome import Outcome
from tests.every.conftest import Stage
from tests.every.rows import WAYS, WHO
from tests.every.world import ROLES

NAMED = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}")
ASKED = [(action, who) for action in WAYS for who in WHO]


def codes_of(outcome: Outcome, *, each: bool) -> set[str | None]:
    if outcome.problem is not None:
        return {outcome.problem.code}
    return {item.code for item in outcome.output} if each else {None}


@pytest.mark.parametrize(("action", "who"), ASKED, ids=map("-".join, ASKED))
async def test_a_role_is_enough_or_is_not(stage: Stage, action: str, who: str) -> None:
    row = WAYS[action]
    await stage.prepare(action, stage.world.ours)
    before = await stage.changes()

    outcome = await stage.run(stage.world.actor(who), action, row.asks(stage.world.ours))

    assert codes_of(outcome, each=row.each) == {row.told(who)}
    if who in ROLES:
        assert {*NAMED.findall(outcome.body.decode())} & stage.ids_of_theirs == set()
    if row.told(who) is not None:
        assert await stage.changes() == before
