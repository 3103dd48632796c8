"""Connections of the pool: those that live, single statements, and what befalls them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ports.unit_of_work import DatabaseUnavailable, Overloaded

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that ends as it is taken
    asyncpg.AdminShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)


@contextmanager
def reaching_the_database() -> Iterator[None]:
    """Raise `DatabaseUnavailable` for what befalls a connection within."""
    try:
        yield
    except PoolTimeout as error:
        raise Overloaded from error
    except (OSError, DBAPIError, *LOST) as error:
        raise DatabaseUnavailable from error


async def fetched(engine: AsyncEngine, sql: str, *values: object) -> list[Any]:
    """Return the rows of one statement, a transaction of its own: BEGIN and COMMIT would be two round trips more.

    Raise `DatabaseUnavailable`.
    """
    with reaching_the_database():
        async with engine.connect() as connection:
            driver = await living_driver(connection)
            try:
                rows: list[Any] = await driver.fetch(sql, *values)
            except (OSError, *LOST):
                await connection.invalidate()
                raise
            return rows


async def living_driver(connection: AsyncConnection) -> Any:
    """Return the asyncpg connection, another one for each that died in the pool."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    while driver.is_closed():
        await connection.invalidate()
        driver = (await connection.get_raw_connection()).driver_connection
    return driver
