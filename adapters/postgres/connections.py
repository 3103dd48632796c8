"""Connections of the pool: those that live, single statements, and what befalls them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ports.problem import Problem
from ports.unit_of_work import Contended, DatabaseUnavailable, Overloaded, QueryTimedOut

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that ends as it is taken
    asyncpg.AdminShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
GAVE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)


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


def problem_of(error: BaseException) -> Problem | None:
    """Return the problem that a transaction has met, if it is one that its caller can be told of."""
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(cause, GAVE_WAY):
        return Contended()
    if isinstance(cause, asyncpg.QueryCanceledError):
        return QueryTimedOut()
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return Contended()  # its parent was there when the action looked, or its child was not; in a commit it is a bug
    if isinstance(cause, (*LOST, asyncpg.InsufficientResourcesError)) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return DatabaseUnavailable()
    return None
