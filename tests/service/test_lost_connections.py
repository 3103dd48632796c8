"""A connection that is lost, and that the caller is told what came of it."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.action import Caller
from ports.unit_of_work import OutcomeUnknown
from service.composition import Service
from service.database import Database
from service.settings import Settings
from tests.service.conftest import Bench
from tests.service.proxy import LossyProxy, lossy_proxy


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[LossyProxy]:
    with tempfile.TemporaryDirectory(prefix="lossy-") as folder:
        async with lossy_proxy(database.service, Path(folder)) as opened:
            yield opened


@pytest.fixture
async def lossy(bench: Bench, proxy: LossyProxy, settings: Settings) -> AsyncIterator[Bench]:
    through = Service(settings.model_copy(update={"handlers": "tests.service.probes"}), Database(proxy.url, None))
    await through.introductions.introduce(Caller(actor="owner"))  # the next commit is an action's
    yield Bench(through, bench.log, bench.progress, bench.space_id)
    await through.close()


async def test_a_commit_whose_answer_is_lost_has_succeeded(lossy: Bench, bench: Bench, proxy: LossyProxy) -> None:
    proxy.lose = "answer"
    outcome = await lossy.keep("Red")

    assert outcome.state == "succeeded"
    assert bench.log.records[-1]["state"] == "succeeded"
    assert await bench.kits() == ["Red"]
    assert await bench.states() == [("keep_kit", "succeeded", None)]


async def test_a_commit_that_was_lost_has_changed_nothing(lossy: Bench, bench: Bench, proxy: LossyProxy) -> None:
    proxy.lose = "commit"
    outcome = await lossy.keep("Red")

    assert outcome.problem is not None
    assert outcome.problem.code == "database_unavailable"
    assert await bench.kits() == []
    assert (await lossy.keep("Red")).state == "succeeded", "the pool has healed"


async def test_what_nobody_can_tell_is_said_to_be_unknown(bench: Bench, proxy: LossyProxy) -> None:
    engine = create_async_engine(proxy.url)
    unit = PostgresUnitOfWork(engine, settle_seconds=0.2)

    with pytest.raises(OutcomeUnknown):
        async with unit.transaction():
            driver = await unit.driver()
            unit.transaction_id = await driver.fetchval("select pg_current_xact_id()::text")
            proxy.lose, proxy.refuse = "answer", True
    await engine.dispose()


async def test_a_connection_that_died_in_the_pool_is_replaced(bench: Bench) -> None:
    await bench.keep("Red")
    await bench.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and datname = current_database()"
    )

    assert (await bench.keep("Blue")).state == "succeeded"


async def test_a_server_that_is_gone_is_a_problem_to_try_again(settings: Settings, bench: Bench) -> None:
    nowhere = bench.service.engine.url.update_query_dict({"host": "/nowhere"})
    service = Service(settings.model_copy(update={"handlers": "tests.service.probes"}), Database(nowhere, None))

    outcome = await Bench(service, bench.log, bench.progress, bench.space_id).keep("Red")

    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.problem.retryable) == ("database_unavailable", True)
    assert b"nowhere" not in outcome.body
