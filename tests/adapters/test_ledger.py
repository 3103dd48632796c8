"""What every ledger promises, and what the one in PostgreSQL promises besides."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from adapters.postgres.repo import PostgresRepo
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.action import Caller
from ports.ledger import IdempotencyKeyInUse, Stored
from ports.library import Space
from tests.adapters.storage import PostgresStorage, Storage, entry_of, keep
from tests.library import SPACE

FIRST = UUID(int=71)
ENTRY = entry_of(FIRST, "ada", key="once")
STORED = Stored(id=FIRST, fingerprint=b"fingerprint", background=False, output='{"name":  "Red"}', problem=None)


async def test_a_key_that_is_new_stands_for_nothing(storage: Storage) -> None:
    async with storage.transaction() as ports:
        assert await ports.ledger.claim(actor="ada", action="create_kit", key="once") is None


async def test_a_key_stands_for_what_was_stored_with_it_character_by_character(storage: Storage) -> None:
    async with storage.transaction() as ports:
        await ports.ledger.claim(actor="ada", action="create_kit", key="once")
        await ports.ledger.write(ENTRY)

    async with storage.transaction() as ports:
        assert await ports.ledger.claim(actor="ada", action="create_kit", key="once") == STORED


async def test_a_key_may_stand_for_a_problem(storage: Storage) -> None:
    rejected = replace(ENTRY, state="rejected", output=None, problem='{"code": "kit_name_taken"}')
    async with storage.transaction() as ports:
        await ports.ledger.write(rejected)

    async with storage.transaction() as ports:
        stored = await ports.ledger.claim(actor="ada", action="create_kit", key="once")

    assert stored == replace(STORED, output=None, problem='{"code": "kit_name_taken"}')


@pytest.mark.parametrize(
    ("actor", "action", "key"),
    [("bob", "create_kit", "once"), ("ada", "rename_kit", "once"), ("ada", "create_kit", "twice")],
)
async def test_a_key_is_one_actors_for_one_action(storage: Storage, actor: str, action: str, key: str) -> None:
    async with storage.transaction() as ports:
        await ports.ledger.write(ENTRY)

    async with storage.transaction() as ports, storage.transaction() as other:
        assert await ports.ledger.claim(actor="ada", action="create_kit", key="once") == STORED
        assert await other.ledger.claim(actor=actor, action=action, key=key) is None


async def test_a_key_that_another_transaction_holds_is_in_use_at_once(storage: Storage) -> None:
    async with storage.transaction() as ports:
        await ports.ledger.claim(actor="ada", action="create_kit", key="once")
        for _ in range(2):
            async with storage.transaction() as other:
                with pytest.raises(IdempotencyKeyInUse):
                    await other.ledger.claim(actor="ada", action="create_kit", key="once")


async def test_who_holds_a_key_may_claim_it_again(storage: Storage) -> None:
    async with storage.transaction() as ports:
        await ports.ledger.claim(actor="ada", action="create_kit", key="once")
        assert await ports.ledger.claim(actor="ada", action="create_kit", key="once") is None


async def test_a_key_is_free_for_others_when_its_transaction_has_ended(storage: Storage) -> None:
    async with storage.transaction() as longer:
        await longer.repo.count(Space)
        async with storage.transaction() as ports:
            await ports.ledger.claim(actor="ada", action="create_kit", key="once")
        assert await longer.ledger.claim(actor="ada", action="create_kit", key="once") is None


async def test_a_transaction_that_failed_holds_no_key_and_stored_nothing(storage: Storage) -> None:
    with suppress(ZeroDivisionError):
        async with storage.transaction() as ports:
            await ports.ledger.claim(actor="ada", action="create_kit", key="once")
            await ports.ledger.write(ENTRY)
            raise ZeroDivisionError

    assert await storage.executions() == []
    async with storage.transaction() as ports:
        assert await ports.ledger.claim(actor="ada", action="create_kit", key="once") is None


async def test_a_row_within_a_savepoint_that_failed_is_not_there(storage: Storage) -> None:
    async with storage.transaction() as ports:
        with suppress(ZeroDivisionError):
            async with ports.unit.savepoint():
                await ports.ledger.write(ENTRY)
                raise ZeroDivisionError

    assert await storage.executions() == [ports.execution_id]


async def test_a_row_is_all_that_is_known_of_the_execution(database_storage: PostgresStorage) -> None:
    parent = replace(entry_of(UUID(int=70)), arguments="{}")
    caller = Caller(actor="ada", via="robot", entry_point="http", scopes=frozenset({"kit.*", "a.b"}))
    async with database_storage.transaction() as ports:
        await ports.ledger.write(replace(ENTRY, caller=caller, space_id=SPACE.id, parent_id=parent.id))
        await ports.ledger.write(parent)

    rows = await database_storage.rows(
        """select action, state, space_id, actor, via, scopes, entry_point, arguments->>'name', output, problem,
        idempotency_key, fingerprint, parent_id, trace_id, submitted_at, started_at, finished_at
        from executions where id = $1""",
        FIRST,
    )

    called = ("create_kit", "succeeded", SPACE.id, "ada", "robot", ["a.b", "kit.*"], "http", "Red")
    answered = (ENTRY.output, None, "once", b"fingerprint", parent.id, "trace", *(ENTRY.submitted_at,) * 3)
    assert rows == [(*called, *answered)]


async def test_without_a_grant_the_space_is_that_of_the_first_change(database_storage: PostgresStorage) -> None:
    execution = await keep(database_storage, SPACE)

    assert await database_storage.rows("select id, space_id from executions") == [(execution, SPACE.id)]


async def test_two_rows_of_one_key_cannot_be(database_storage: PostgresStorage) -> None:
    async with database_storage.transaction() as ports:
        await ports.ledger.write(ENTRY)

    with pytest.raises(asyncpg.UniqueViolationError):
        async with database_storage.transaction() as ports:
            await ports.ledger.write(replace(ENTRY, id=UUID(int=72)))


async def test_a_change_without_its_row_cannot_be_committed(database_storage: PostgresStorage) -> None:
    unit = PostgresUnitOfWork(database_storage.engine)

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with unit.transaction():
            await PostgresRepo(unit, FIRST).add(SPACE)

    assert await database_storage.rows("select id from spaces") == []
