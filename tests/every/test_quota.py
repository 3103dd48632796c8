"""Every action that may fill a space, in one that may hold nothing more."""

from collections.abc import AsyncIterator

import pytest

from ports.usage import QuotaExceeded
from service.composition import Service
from tests.every.conftest import PUBLIC, Stage
from tests.every.rows import ROWS
from tests.every.world import runner_of

FILLING = [action for action in ROWS if QuotaExceeded in PUBLIC[action].problems]


@pytest.fixture(scope="module")
async def strict(furnished: Stage) -> AsyncIterator[Service]:
    """The service of the stage, but that every space holds too much as it is."""
    settings = furnished.service.settings.model_copy(update={"max_space_assets": 0, "max_space_bytes": 0})
    service = Service(settings, furnished.database)
    yield service
    await service.close()


@pytest.mark.parametrize("action", FILLING)
async def test_a_full_space_takes_no_more(stage: Stage, strict: Service, action: str) -> None:
    ours, before = stage.world.ours, await stage.changes()

    outcome = await runner_of(strict, ours.who("owner")).run(action, ROWS[action].asks(ours))

    assert isinstance(outcome.problem, QuotaExceeded)
    assert await stage.changes() == before


async def test_a_full_space_may_be_worked_in_as_long_as_it_does_not_grow(stage: Stage, strict: Service) -> None:
    ours = stage.world.ours

    for action in ("move_asset", "remove_asset", "empty_trash"):
        assert (await runner_of(strict, ours.who("owner")).run(action, ROWS[action].asks(ours))).problem is None
