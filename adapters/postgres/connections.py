"""Connections of the pool: those that live, single statements, and what befalls them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.pool import ReadyPool
from ports.problem import Problem
from ports.unit_of_work import Contended, DatabaseUnavailable, Overloaded, QueryTimedOut

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that ends as it is taken
    asyncpg.AdminShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
UNREACHABLE = (OSError, DBAPIError, EmulatedDBAPIException, *LOST)
GAVE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)


@contextmanager
def reaching_the_database() -> Iterator[None]:
    """Raise `DatabaseUnavailable` for what befalls a connection within."""
    try:
        yield
    except PoolTimeout as error:
        raise Overloaded from error
    except UNREACHABLE as error:
        raise DatabaseUnavailable from error


async def fetched(engine: AsyncEngine, sql: str, *values: object) -> list[Any]:
    """Return the rows of one statement, a transaction of its own: BEGIN and COMMIT would be two round trips more.

    Raise `DatabaseUnavailable`.
    """
    with reaching_the_database():
        async with borrowed(engine) as driver:
            rows: list[Any] = await driver.fetch(sql, *values)
            return rows


@asynccontextmanager
async def borrowed(engine: AsyncEngine, *, for_good: bool = False) -> AsyncIterator[Any]:
    """Yield an asyncpg connection of the pool, to which it goes back unless it is lost, or taken `for_good`."""
    connection, stays_away = await living_connection(engine), for_good
    try:
        yield connection.driver_connection
    except (OSError, *LOST):
        stays_away = True
        raise
    finally:
        if stays_away:
            connection.invalidate()
        connection.close()


async def living_connection(engine: AsyncEngine) -> PoolProxiedConnection:
    """Return a connection of the pool that did not die there, for who closes it.

    It is the pool's own: SQLAlchemy's around it would take as long again.
    """
    while True:
        pool = engine.pool
        ready = isinstance(pool, ReadyPool) and pool.ready
        connection = pool.connect() if ready else await engine.raw_connection()
        driver: Any = connection.driver_connection
        if not driver.is_closed():
            return connection
        connection.invalidate()
        connection.close()


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
