"""The unit of work over SQLAlchemy's connection pool, its statements run by asyncpg itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from time import monotonic
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ports.problem import Problem
from ports.unit_of_work import Contended, DatabaseUnavailable, OutcomeUnknown, Overloaded, QueryTimedOut

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
GAVE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
SETTLE_SECONDS = 10.0


class PostgresUnitOfWork:
    """A transaction on a pooled connection, taken at the first statement."""

    def __init__(self, engine: AsyncEngine, *, settle_seconds: float = SETTLE_SECONDS) -> None:
        self._engine, self._settle_seconds = engine, settle_seconds
        self._connection: AsyncConnection | None = None
        self._driver: Any = None
        self._mode, self._keep = "read write", True
        self.transaction_id: str | None = None
        self.written: set[type] = set()

    def transaction(self, *, readonly: bool = False, keep: bool = True) -> AbstractAsyncContextManager[None]:
        """See `UnitOfWork`."""
        self._keep = keep
        self._mode, self.transaction_id = ("read only" if readonly else "read write"), None
        self.written.clear()
        return self

    async def __aenter__(self) -> None:
        """Do nothing yet: the connection is taken at the first statement."""

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Commit or roll back, whether or not the task is cancelled meanwhile."""
        if self._connection is not None:
            await _uninterrupted(self._end(self._connection, error))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """See `UnitOfWork`."""
        driver = await self.driver()
        async with driver.transaction():
            yield

    async def driver(self) -> Any:
        """Return the asyncpg connection of the transaction, which is opened if it is not yet."""
        if self._driver is None:
            for last in (False, True):
                try:
                    return await self._open()
                except PoolTimeout as error:
                    raise Overloaded from error
                except (OSError, DBAPIError, *LOST) as error:
                    await self._abandon()
                    # A connection may have died in the pool; nothing has been done on it, so another one may do.
                    if last or not getattr(error, "connection_invalidated", False):
                        raise DatabaseUnavailable from error
        return self._driver

    async def _open(self) -> Any:
        self._connection = await self._engine.connect()
        # SQLAlchemy begins with its first statement; one that went by it to the driver would commit by itself.
        await self._connection.exec_driver_sql(f"set transaction {self._mode}")
        self._driver = (await self._connection.get_raw_connection()).driver_connection
        return self._driver

    async def _end(self, connection: AsyncConnection, error: BaseException | None) -> None:
        if error is None and self._keep:
            try:
                await self._commit(connection)
            except Exception as raised:  # noqa: BLE001 - whatever it is, the transaction is over
                raise _problem_of(raised) or raised from raised.__cause__
            finally:
                await self._abandon()
            return
        await self._abandon()
        if error is not None and (problem := _problem_of(error)):
            raise problem from error

    async def _commit(self, connection: AsyncConnection) -> None:
        try:
            await connection.commit()
        except (DBAPIError, ConnectionError, *LOST) as error:
            if not (isinstance(error, (ConnectionError, *LOST)) or error.connection_invalidated):
                raise
            await self._abandon()
            await self._settle()
        else:
            self._connection = self._driver = None
            await connection.close()

    async def _abandon(self) -> None:
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            with suppress(DBAPIError, OSError, *LOST):
                await connection.close()

    async def _settle(self) -> None:
        """Ask whether the transaction was committed whose connection was lost; ask again while nobody can tell."""
        if self.transaction_id is None:
            raise DatabaseUnavailable
        until = monotonic() + self._settle_seconds
        while monotonic() < until:
            match await self._status(self.transaction_id):
                case "committed":
                    return
                case "aborted":
                    raise DatabaseUnavailable
                case _:
                    await asyncio.sleep(0.05)
        raise OutcomeUnknown

    async def _status(self, transaction_id: str) -> str:
        try:
            async with self._engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                return str(await driver.fetchval("select pg_xact_status($1::text::xid8)", transaction_id))
        except asyncpg.InvalidParameterValueError:
            return "aborted"  # "in the future": a crash of the server forgot it
        except (OSError, DBAPIError, PoolTimeout, asyncpg.PostgresError, asyncpg.InterfaceError):
            return "unknown"


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
            driver: Any = (await connection.get_raw_connection()).driver_connection
            while driver.is_closed():  # it died in the pool
                await connection.invalidate()
                driver = (await connection.get_raw_connection()).driver_connection
            rows: list[Any] = await driver.fetch(sql, *values)
            return rows


async def _uninterrupted(work: Any) -> None:
    """Finish `work` whether or not the task is cancelled meanwhile; a cancellation is delivered at the next await."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except BaseException:  # noqa: S110, BLE001 - the task's own failure, raised below
            pass
    current = asyncio.current_task()
    if cancelled and current is not None:
        current.uncancel()
        current.cancel()
    task.result()


def _problem_of(error: BaseException) -> Problem | None:
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
