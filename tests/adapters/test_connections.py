"""Connections that are borrowed from the pool."""

import asyncio

import pytest

from adapters.postgres.connections import UNREACHABLE, borrowed, living_connection
from adapters.postgres.pool import ReadyPool
from service.database import Database, engine_of
from tests.adapters.storage import PostgresStorage
from tests.conftest import Cluster


async def test_a_connection_that_is_well_goes_back(database_storage: PostgresStorage) -> None:
    async with borrowed(database_storage.engine) as first:
        pass
    with pytest.raises(ZeroDivisionError):
        async with borrowed(database_storage.engine) as second:
            raise ZeroDivisionError

    assert not second.is_closed()
    assert not first.is_closed()


@pytest.mark.parametrize("for_good", [False, True])
async def test_one_that_is_lost_does_not(database_storage: PostgresStorage, *, for_good: bool) -> None:
    with pytest.raises(ConnectionResetError):
        async with borrowed(database_storage.engine, for_good=for_good) as lost:
            raise ConnectionResetError

    assert lost.is_closed()


async def test_one_that_was_taken_for_good_does_not(database_storage: PostgresStorage) -> None:
    async with borrowed(database_storage.engine, for_good=True) as taken:
        pass

    assert taken.is_closed()


async def test_one_that_died_in_the_pool_is_not_lent(database_storage: PostgresStorage) -> None:
    async with borrowed(database_storage.engine) as dead:
        pass
    dead.terminate()

    async with borrowed(database_storage.engine) as living:
        assert await living.fetchval("select 1") == 1


async def test_the_pool_is_ready_while_no_place_is_to_be_connected_again(database_storage: PostgresStorage) -> None:
    engine = database_storage.engine
    pool = engine.pool
    assert isinstance(pool, ReadyPool)
    assert not pool.ready, "nothing was connected yet"

    async with borrowed(engine):
        assert not pool.ready, "it is lent"
    assert pool.ready
    async with borrowed(engine, for_good=True):
        pass
    assert not pool.ready, "its place is empty"
    async with borrowed(engine):
        pass
    assert pool.ready


async def test_a_lost_place_does_not_come_before_connections_that_are_ready(database_storage: PostgresStorage) -> None:
    engine = database_storage.engine
    assert isinstance(engine.pool, ReadyPool)
    async with borrowed(engine) as one, borrowed(engine, for_good=True), borrowed(engine, for_good=True):
        pass
    assert engine.pool.ready
    assert engine.pool.checkedin() == 2, "one empty place is enough"
    async with borrowed(engine, for_good=True), borrowed(engine) as other:
        assert other is not one
    async with borrowed(engine, for_good=True) as first:
        assert first is other

    async with borrowed(engine) as new, borrowed(engine) as another:
        assert await new.fetchval("select 1") + await another.fetchval("select 1") == 2


async def test_who_cannot_connect_leaves_a_place_that_is_not_ready(cluster: Cluster, database: Database) -> None:
    engine = engine_of(database.service, pool=1)
    async with borrowed(engine) as driver:
        pid = driver.get_server_pid()
    await cluster.run(f"alter database {database.service.database} allow_connections false")
    await cluster.run(f"select pg_terminate_backend({pid}, 5000)")
    await asyncio.sleep(0.1)
    for _ in range(2):
        with pytest.raises(UNREACHABLE):
            await living_connection(engine)
    await cluster.run(f"alter database {database.service.database} allow_connections true")

    async with borrowed(engine) as driver:
        assert await driver.fetchval("select 1") == 1
    await engine.dispose()
