"""What every unit of work promises, and what the one over PostgreSQL promises besides."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import AsyncAdaptedQueuePool

from adapters.postgres.repo import PostgresRepo
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.entity import Entity
from ports.library import Kit
from ports.problem import Problem
from ports.unit_of_work import Contended
from tests.adapters.storage import PostgresStorage, Storage, keep
from tests.library import KIT, SPACE

RED, BLUE, GREEN = (replace(KIT, id=UUID(int=20 + n), name=name) for n, name in enumerate(["Red", "Blue", "Green"]))
REFUSED = (RuntimeError, asyncpg.ReadOnlySQLTransactionError)


async def kits(storage: Storage) -> list[Kit]:
    async with storage.transaction(readonly=True) as ports:
        return (await ports.repo.find(Kit)).items


async def test_leaving_commits(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        await ports.repo.add(RED)

    assert await kits(storage) == [RED]
    assert ports.execution_id in await storage.executions()


@pytest.mark.parametrize("error", [ZeroDivisionError, Problem, asyncio.CancelledError, KeyboardInterrupt])
async def test_an_exception_rolls_back_and_goes_on(storage: Storage, error: type[BaseException]) -> None:
    await keep(storage, SPACE, RED)

    with pytest.raises(error):
        await raise_after_writing(storage, error)

    assert await kits(storage) == [RED]
    assert len(await storage.executions()) == 1


async def raise_after_writing(storage: Storage, error: type[BaseException]) -> None:
    async with storage.transaction() as ports:
        await ports.repo.add(BLUE)
        await ports.repo.save(RED)
        raise error


async def test_the_next_transaction_of_the_same_unit_knows_nothing_of_the_one_before(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        await ports.repo.add(RED)
    with suppress(ZeroDivisionError):
        async with ports.unit.transaction():
            raise ZeroDivisionError

    assert await kits(storage) == [RED]


async def test_a_savepoint_that_fails_undoes_what_is_within_it_alone(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        await ports.repo.add(RED)
        with suppress(ZeroDivisionError):
            async with ports.unit.savepoint():
                await ports.repo.add(BLUE)
                raise ZeroDivisionError
        await ports.repo.add(GREEN)

    assert await kits(storage) == [RED, GREEN]


async def test_a_savepoint_that_ends_well_is_kept(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        async with ports.unit.savepoint():
            await ports.repo.add(RED)
        await ports.repo.add(BLUE)

    assert await kits(storage) == [RED, BLUE]


async def test_a_savepoint_undoes_those_within_it_too(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        await ports.repo.add(RED)
        with suppress(ZeroDivisionError):
            async with ports.unit.savepoint():
                async with ports.unit.savepoint():
                    await ports.repo.add(BLUE)
                raise ZeroDivisionError

    assert await kits(storage) == [RED]


async def test_a_rollback_undoes_savepoints_that_ended_well(storage: Storage) -> None:
    await keep(storage, SPACE)

    with suppress(ZeroDivisionError):
        async with storage.transaction() as ports:
            async with ports.unit.savepoint():
                await ports.repo.add(RED)
            raise ZeroDivisionError

    assert await kits(storage) == []


@pytest.mark.parametrize("method", ["add", "save", "remove"])
async def test_where_only_reading_is_allowed_no_write_is_made(storage: Storage, method: str) -> None:
    await keep(storage, SPACE, RED)
    entity: Entity = BLUE if method == "add" else RED

    with pytest.raises(REFUSED):
        await write_in_readonly(storage, method, entity)

    assert await kits(storage) == [RED]


async def write_in_readonly(storage: Storage, method: str, entity: Entity) -> None:
    async with storage.transaction(readonly=True) as ports:
        await getattr(ports.repo, method)(entity)


async def test_after_a_transaction_that_only_read_the_same_unit_may_write(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        pass
    async with ports.unit.transaction(readonly=True):
        await ports.repo.count(Kit)
    async with ports.unit.transaction():
        await ports.repo.add(RED)

    assert await kits(storage) == [RED]


async def test_what_is_not_committed_nobody_else_sees(database_storage: PostgresStorage) -> None:
    await keep(database_storage, SPACE)

    async with database_storage.transaction() as ports:
        await ports.repo.add(RED)
        assert await kits(database_storage) == []


def connections_in_use(database_storage: PostgresStorage) -> int:
    pool = database_storage.engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    return pool.checkedout()


async def test_who_asks_nothing_takes_no_connection(database_storage: PostgresStorage) -> None:
    unit = PostgresUnitOfWork(database_storage.engine)

    async with unit.transaction():
        assert connections_in_use(database_storage) == 0
        await unit.driver()
        assert connections_in_use(database_storage) == 1

    assert connections_in_use(database_storage) == 0


async def test_a_savepoint_is_set_only_where_something_is_asked_within_it(database_storage: PostgresStorage) -> None:
    await keep(database_storage, SPACE)
    asked: list[str] = []

    async with database_storage.transaction() as ports:
        driver = await postgres_driver(ports.unit)
        with driver.query_logger(lambda query: asked.append(query.query.split()[0])):
            async with ports.unit.savepoint():
                pass
            async with ports.unit.savepoint(), ports.unit.savepoint():
                await ports.repo.add(RED)

    assert asked == ["savepoint", "savepoint", "with", "release", "release"]


async def test_what_fails_in_a_savepoint_that_was_never_set_undoes_nothing(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        await ports.repo.add(RED)
        with suppress(ZeroDivisionError):
            async with ports.unit.savepoint():
                raise ZeroDivisionError
        await ports.repo.add(BLUE)

    assert await kits(storage) == [RED, BLUE]


async def test_a_failure_gives_the_connection_back(database_storage: PostgresStorage) -> None:
    with suppress(ZeroDivisionError):
        async with database_storage.transaction() as ports:
            await ports.repo.count(Kit)
            raise ZeroDivisionError

    assert connections_in_use(database_storage) == 0


async def test_a_commit_goes_on_when_its_task_is_cancelled(database_storage: PostgresStorage) -> None:
    execution = await keep(database_storage, SPACE)

    async with database_storage.transaction() as ports:
        driver = await postgres_driver(ports.unit)
        # The foreign key is checked in the commit, and waits for this lock.
        await driver.execute("select from executions where id = $1 for update", execution)
        writing = asyncio.create_task(write_change_of(database_storage, execution))
        await database_storage.one_waits_for_a_lock()
        writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    assert await kits(database_storage) == [RED]
    assert connections_in_use(database_storage) == 0


async def postgres_driver(unit: object) -> asyncpg.Connection:
    assert isinstance(unit, PostgresUnitOfWork)
    return await unit.driver()


async def write_change_of(database_storage: PostgresStorage, execution_id: UUID) -> None:
    unit = PostgresUnitOfWork(database_storage.engine)
    async with unit.transaction():
        await PostgresRepo(unit, execution_id).add(RED)


async def test_of_two_who_wait_for_each_other_one_gives_way(database_storage: PostgresStorage) -> None:
    await keep(database_storage, SPACE, RED, BLUE)
    both_hold_one = asyncio.Barrier(2)

    async def lock(first: Kit, second: Kit) -> None:
        async with database_storage.transaction() as ports:
            await ports.repo.lock(Kit, first.id)
            await both_hold_one.wait()
            await ports.repo.lock(Kit, second.id)

    ended = await asyncio.gather(lock(RED, BLUE), lock(BLUE, RED), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ended) == ["Contended", "NoneType"]
    assert Contended.retryable
