"""The unit of work over SQLAlchemy's connection pool, its statements run by asyncpg itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from time import monotonic
from typing import Any

import asyncpg
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.bell import RING, Bell
from adapters.postgres.connections import LOST, UNREACHABLE, borrowed, living_connection, problem_of
from adapters.postgres.postponed import Postponed
from adapters.postgres.savepoint import Savepoint
from adapters.postgres.uninterrupted import uninterrupted
from ports.unit_of_work import DatabaseUnavailable, OutcomeUnknown, Overloaded

SETTLE_SECONDS = 10.0


class PostgresUnitOfWork:
    """A transaction on a pooled connection, taken at the first statement."""

    def __init__(
        self, engine: AsyncEngine, *, bell: Bell | None = None, settle_seconds: float = SETTLE_SECONDS
    ) -> None:
        self._engine, self._bell, self._settle_seconds = engine, bell, settle_seconds
        self._connection: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._begun = False
        self._readonly, self._keep = False, True
        self._savepoints: list[Savepoint] = []
        self._numbers = count()
        self.postponed = Postponed()
        self.queued = False  # whether workers are to be woken by what is committed
        self.transaction_id: str | None = None
        self.written: set[type] = set()

    def transaction(self, *, readonly: bool = False, keep: bool = True) -> AbstractAsyncContextManager[None]:
        """See `UnitOfWork`."""
        self._keep = keep
        self._readonly, self.transaction_id, self.queued = readonly, None, False
        self.written.clear()
        self.postponed.forget()
        return self

    async def __aenter__(self) -> None:
        """Do nothing yet: the connection is taken at the first statement."""

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Commit or roll back, whether or not the task is cancelled meanwhile."""
        if self._connection is not None or self.postponed:
            await uninterrupted(self._end(error))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """See `UnitOfWork`. It is set before its first statement: what asks nothing of the database needs none."""
        if self.postponed:  # what was put before it is not undone with it
            await self.driver()
        savepoint = Savepoint(next(self._numbers))
        self._savepoints.append(savepoint)
        try:
            yield
        except BaseException:
            self.postponed.forget()
            await savepoint.undo()
            raise
        else:
            await savepoint.release()
        finally:
            self._savepoints.remove(savepoint)

    async def driver(self) -> Any:
        """Return the asyncpg connection of the transaction, which is opened if it is not yet."""
        if self._driver is None:
            await self._begin()
        for savepoint in self._savepoints:
            await savepoint.set(self._driver)
        if self.postponed:
            await self.postponed.put(self._driver)
            self.queued = True
        return self._driver

    async def _begin(self) -> None:
        for last in (False, True):
            try:
                await self._open()
            except PoolTimeout as error:
                raise Overloaded from error
            except UNREACHABLE as error:
                # A connection may have died in the pool; nothing has been done on it, so another one may do.
                died = self._connection is not None
                await self._abandon()
                if last or not died:
                    raise DatabaseUnavailable from error
            else:
                return

    @property
    def opened(self) -> bool:
        """See `UnitOfWork`."""
        return self._driver is not None or bool(self.postponed)

    async def _open(self) -> Any:
        """Begin by the driver: SQLAlchemy would begin with a statement of its own, which is a round trip more."""
        self._connection = await living_connection(self._engine)
        driver: Any = self._connection.driver_connection
        self._begun = True
        await driver.execute("begin read only" if self._readonly else "begin")
        self._driver = driver
        return driver

    async def _end(self, error: BaseException | None) -> None:
        if error is None and self._keep:
            try:
                await self._commit()
            except asyncpg.ForeignKeyViolationError:  # one that is deferred: a bug
                raise
            except Exception as raised:  # noqa: BLE001 - whatever it is, the transaction is over
                raise problem_of(raised) or raised from raised.__cause__
            finally:
                await self._abandon()
            return
        await self._abandon()
        if error is not None and (problem := problem_of(error)):
            raise problem from error

    async def _commit(self) -> None:
        if self.postponed:
            await self.driver()
        connection = self._connection
        assert connection is not None  # noqa: S101 - there is something to commit
        rings = self.queued and (self._bell is None or self._bell.rings_now())
        try:
            await self._driver.execute(f"{RING}; commit" if rings else "commit")
        except (ConnectionError, *LOST):
            self._begun = False
            connection.invalidate()
            await self._abandon()
            await self._settle()
        else:
            self._connection, self._driver, self._begun = None, None, False
            connection.close()
        if self._bell and self.queued and not rings:
            self._bell.owe()

    async def _abandon(self) -> None:
        connection, begun = self._connection, self._begun
        self._connection, self._driver, self._begun = None, None, False
        if connection is None:
            return
        try:
            if begun:
                driver: Any = connection.driver_connection
                await driver.execute("rollback")
        except Exception:  # noqa: BLE001 - whatever it is, the transaction may go on there
            connection.invalidate()
        finally:
            connection.close()

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
            async with borrowed(self._engine) as driver:
                return str(await driver.fetchval("select pg_xact_status($1::text::xid8)", transaction_id))
        except asyncpg.InvalidParameterValueError:
            return "aborted"  # "in the future": a crash of the server forgot it
        except (PoolTimeout, asyncpg.PostgresError, *UNREACHABLE):
            return "unknown"
