"""What runs at night, as workers run it by the timetable, with the rights that the settings give the service."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from adapters.memory.logger import MemoryLogger
from adapters.memory.progress import MemoryProgress
from service.background.scheduling import keep_timetable
from service.composition import PORTS, Service
from service.database import Database, migrate, pruned_by
from service.registry import Registry
from service.settings import Settings
from tests.conftest import Cluster
from tests.service.conftest import Bench
from tests.service.test_ledger_invariants import eventually
from tests.service.working import working

SCHEDULED = Registry.found_in("handlers", PORTS).scheduled
RECORDS, CHANGED = 4_500, 2
RECORDED = f"""
insert into executions (
    id, action, state, actor, scopes, entry_point, arguments, idempotency_key, fingerprint, trace_id, submitted_at,
    finished_at
) select lpad(to_hex(n), 32, '0')::uuid, 'create_kit', 'rejected', 'ada', array['*'], 'http', '{{}}', 'key ' || n, 'f',
    '', now() - interval '40 days', now() - interval '40 days' from generate_series(1, {RECORDS}) n
"""
CHANGES = f"""
insert into changes (execution_id, entity_kind, entity_id, after)
select id, 'kit', id, '{{}}' from executions order by id limit {CHANGED}
"""
LEFT = "select count(*), count(idempotency_key) from executions where actor = 'ada'"


@pytest.fixture
async def night(cluster: Cluster, settings: Settings, database: Database) -> AsyncIterator[Bench]:
    """A service that was away for years, and whose ledger is full."""
    pruning = settings.model_copy(update={"ledger_days": 30})
    await migrate(database, pruned=pruned_by(pruning))
    await cluster.run(RECORDED, CHANGES, database=str(database.service.database))
    service = Service(pruning, database)
    await keep_timetable(service, now=datetime(2000, 1, 1, tzinfo=UTC))
    yield Bench(service, MemoryLogger(), MemoryProgress(), UUID(int=7))
    await service.close()


async def _done(night: Bench, *actions: str) -> bool:
    """Whether all of these have run, and what went on for them, and nothing waits."""
    rows = await night.rows("select action, state from executions where actor <> 'ada'")
    return {action for action, _ in rows} >= {*actions} and {state for _, state in rows} == {"succeeded"}


async def test_a_night_clears_away_what_has_had_its_time_execution_by_execution(night: Bench) -> None:
    assert await night.rows(LEFT) == [(RECORDS, RECORDS)]
    async with working(night, handlers="handlers", ledger_days=30):
        await eventually(lambda: _done(night, *SCHEDULED), seconds=60)
        released = "select output::json ->> 'count' from executions where action = 'expire_keys' order by id"
        assert await night.rows(released) == [("2000",), ("2000",), ("500",)]

        await night.runner("operator", "ledger.prune").execute("prune_ledger", {})
        await eventually(lambda: _done(night, "prune_ledger"), seconds=60)

    assert await night.rows(LEFT) == [(CHANGED, 0)]


async def test_what_another_one_goes_on_with_is_told(night: Bench) -> None:
    outcome = await night.runner("operator", "ledger.expire").run("expire_keys", {})

    assert outcome.output.count == 2_000
    queued = "select id, action, parent_id from executions where state = 'queued'"
    [(first,)] = await night.rows("select id from executions where action = 'expire_keys' and state = 'succeeded'")
    assert await night.rows(queued) == [(outcome.output.continued_by, "expire_keys", first)]


async def test_the_service_may_not_touch_the_history_for_it(night: Bench) -> None:
    forgetting = night.service.settings.model_copy(update={"history_days": 30})
    service = Service(forgetting, Database(night.service.engine.url, None))
    outcome = (
        await Bench(service, night.log, night.progress, night.space_id)
        .runner("operator", "ledger.prune")
        .run("prune_ledger", {})
    )
    await service.close()

    assert outcome.state == "failed"
    assert await night.rows("select count(*) from changes") == [(CHANGED,)]


def test_what_runs_at_night_is_documented() -> None:
    document = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text()

    for action, schedule in SCHEDULED.items():
        minute, hour, *_ = schedule.cron.split()
        assert f"| {hour}:{int(minute):02} | `{action}` |" in document
