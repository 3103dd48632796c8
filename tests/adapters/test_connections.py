"""Connections that are borrowed from the pool."""

import pytest

from adapters.postgres.connections import borrowed
from tests.adapters.storage import PostgresStorage


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
