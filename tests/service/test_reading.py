"""An action that only reads asks nothing to be written, wherever it runs."""

import pytest

from tests.service.conftest import Bench


@pytest.mark.parametrize("how", ["execute", "enqueue"])
@pytest.mark.parametrize("asked", ["look_and_keep", "look_within"])
async def test_what_writes_is_refused_to_it_and_leaves_nothing(bench: Bench, asked: str, how: str) -> None:
    outcome = await bench.runner().run(asked, {"space_id": bench.space_id, "how": how})

    assert outcome.state == "failed"
    refused = next(record for record in bench.log.records if record.get("exc_info"))
    assert str(refused["exc_info"]) == "keep_kit writes; it is asked for by an action that only reads."
    assert await bench.kits() == []
    assert [row for row in await bench.states() if row[0] != "look_within"] == []
