"""A ledger of very many executions: what a claim and a look at it touch is what they are about, by their plans."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from adapters.postgres.queue_statements import END, FREE, LOCKED, LOST, SAME
from adapters.postgres.work import CLAIM, LOOK, LOOK_AT_ONE, RUNNING, STOPPED, TAKE
from service.database import Database
from tests.adapters.test_plans import Planner, rows_read
from tests.conftest import BINARIES, TEMPLATE, Cluster

pytestmark = pytest.mark.parametrize("cluster", BINARIES, indirect=True, scope="session")

COLUMNS = """(id, action, state, actor, scopes, entry_point, arguments, trace_id, submitted_at, run_at, priority,
    finished_at, lease_until, started_at, unique_key, waits_for)"""
ROW = "'ada', '{}', 'http', '{}', 'trace', now()"
ACTIONS = "{create_kit,pay}"


def rows(first: int, last: int, action: str, state: str, rest: str) -> str:
    return f"""insert into executions {COLUMNS}
    select lpad(to_hex(n), 32, '0')::uuid, '{action}', '{state}', {ROW}, {rest}
    from generate_series({first}, {last}) n"""


FILL = [
    rows(1, 100_000, "create_kit", "succeeded", "now(), 0, now(), null, now(), 'running:' || n % 100, 0"),
    rows(100_001, 110_000, "create_kit", "queued", "now() + interval '1 day', 9, null, null, null, null, 0"),
    rows(110_001, 111_000, "create_kit", "queued", "now() - interval '1 h', 0, null, null, null, 'running:a' || n, 0"),
    rows(111_001, 112_000, "create_kit", "queued", "now() - interval '1 h', 9, null, null, null, null, 1"),
    rows(112_001, 112_100, "pay", "running", "now(), 0, null, now() - interval '1 h', now(), null, 0"),
    """insert into followers select lpad(to_hex(n), 32, '0')::uuid, 1, lpad(to_hex(n - 1000), 32, '0')::uuid
    from generate_series(111001, 112000) n""",
    "analyze",
]
WORKER, DUE, FOLLOWED, RUNS = UUID(int=1), UUID(int=110_500), UUID(int=110_600), UUID(int=112_050)


@pytest.fixture(scope="module")
async def filled(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.empty_database(template=TEMPLATE) as database:
        await cluster.run(*FILL, database=str(database.service.database))
        yield database


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(
    ("sql", "values"),
    [
        (CLAIM, (WORKER, 15, ACTIONS, 10)),
        (LOOK, (ACTIONS, 10)),
        (LOOK_AT_ONE, (ACTIONS, DUE)),
        (TAKE, (WORKER, 15, f"{{{DUE}}}")),
        (RUNNING, ("pay",)),
        (LOST, (50,)),
        (SAME, ("running:a110500",)),
        (LOCKED, (f"{{{DUE}}}",)),
        (FREE, (FOLLOWED,)),
        (STOPPED, (f"{{{RUNS}}}", "{0}")),
        (END, (RUNS, 0, "succeeded", "{}", "{}", WORKER, "running")),
    ],
    ids=["claim", "look", "look at one", "take", "running", "lost", "same", "locked", "free", "stopped", "end"],
)
async def test_it_touches_what_it_is_about(
    cluster: Cluster, filled: Database, sql: str, values: tuple[object, ...], mode: str
) -> None:
    plan = await Planner(cluster, filled).told(sql, *values, mode=mode)

    assert "Seq Scan on executions" not in plan, plan
    assert rows_read(plan) <= 150, plan
