"""What every repository promises, and what the one in PostgreSQL promises besides."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from ports.entity import Entity
from ports.library import Kit, KitNameTaken
from ports.problem import Conflict
from ports.repo import EntityNotFound, Repo, VersionMismatch
from tests.adapters.storage import PostgresStorage, Storage, changes_of, keep
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, SPACE, UPLOAD, member

ALL = (SPACE, member("owner"), KIT, SECTION, ASSET, UPLOAD)
RENAMED = replace(KIT, name="Red")
KITS = [replace(KIT, id=UUID(int=20 + n), name=str(n)) for n in range(5)]
UNKNOWN = UUID(int=99)


@pytest.mark.parametrize("entity", ALL, ids=lambda entity: type(entity).__name__)
async def test_what_is_added_is_there_as_it_was(storage: Storage, entity: Entity) -> None:
    await keep(storage, *ALL)

    async with storage.transaction() as ports:
        assert await ports.repo.get(type(entity), entity.id) == entity
        assert await ports.repo.lock(type(entity), entity.id) == entity


async def test_what_is_not_there_is_a_problem(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        for doing in (ports.repo.get, ports.repo.lock):
            with pytest.raises(EntityNotFound) as raised:
                await doing(Kit, SPACE.id)
            assert (raised.value.kind, raised.value.id) == ("kit", SPACE.id)


async def refused(doing: Awaitable[object], repo: Repo) -> Conflict:
    """The problem, after which the transaction goes on."""
    with pytest.raises(Conflict) as raised:
        await doing
    await repo.add(replace(KIT, id=UUID(int=21), name="Still possible"))
    return raised.value


@pytest.mark.parametrize("entity", ALL, ids=lambda entity: type(entity).__name__)
async def test_adding_what_is_taken_is_its_kinds_problem_and_the_transaction_goes_on(
    storage: Storage, entity: Entity
) -> None:
    await keep(storage, *ALL)

    async with storage.transaction() as ports:
        problem = await refused(ports.repo.add(replace(entity, id=UNKNOWN)), ports.repo)

    assert isinstance(problem, entity.taken)
    member_of_it = entity.unique[-1]
    assert problem.document()[member_of_it] == getattr(entity, member_of_it)
    assert await changes_of(storage, ports.execution_id) == [
        (None, replace(KIT, id=UUID(int=21), name="Still possible"))
    ]


async def test_the_same_name_is_free_elsewhere(storage: Storage) -> None:
    await keep(storage, SPACE, KIT, OTHER_SPACE)

    async with storage.transaction() as ports:
        await ports.repo.add(replace(KIT, id=UNKNOWN, space_id=OTHER_SPACE.id))
        assert await ports.repo.count(Kit, name=KIT.name) == 2


async def test_an_id_is_used_once(storage: Storage) -> None:
    await keep(storage, SPACE, KIT)

    with pytest.raises((RuntimeError, asyncpg.UniqueViolationError)):  # ids are made new: this is a bug
        async with storage.transaction() as ports:
            await ports.repo.add(replace(KIT, name="Other"))


async def test_saving_grows_the_version(storage: Storage) -> None:
    await keep(storage, SPACE, KIT)

    async with storage.transaction() as ports:
        saved = await ports.repo.save(RENAMED)
        again = await ports.repo.save(replace(saved, name="Blue"))

    assert (saved.version, again) == (2, replace(KIT, name="Blue", version=3))
    async with storage.transaction(readonly=True) as ports:
        assert await ports.repo.get(Kit, KIT.id) == again


async def test_saving_an_older_version_is_a_problem_that_tells_the_present_one(storage: Storage) -> None:
    await keep(storage, SPACE, replace(KIT, version=3))

    async with storage.transaction() as ports:
        problem = await refused(ports.repo.save(replace(RENAMED, version=2)), ports.repo)
        assert isinstance(problem, VersionMismatch)
        assert (problem.kind, problem.id, problem.current_version) == ("kit", KIT.id, 3)
        assert await ports.repo.get(Kit, KIT.id) == replace(KIT, version=3)


async def test_an_older_version_is_told_before_a_taken_name(storage: Storage) -> None:
    await keep(storage, SPACE, replace(KIT, version=3), KITS[0])

    async with storage.transaction() as ports:
        problem = await refused(ports.repo.save(replace(KIT, name=KITS[0].name)), ports.repo)

    assert isinstance(problem, VersionMismatch)


async def test_saving_what_is_not_there_is_a_problem(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        with pytest.raises(EntityNotFound):
            await ports.repo.save(KIT)


async def test_saving_a_taken_name_is_a_problem_and_the_transaction_goes_on(storage: Storage) -> None:
    await keep(storage, SPACE, KIT, KITS[0])

    async with storage.transaction() as ports:
        problem = await refused(ports.repo.save(replace(KIT, name=KITS[0].name)), ports.repo)
        assert isinstance(problem, KitNameTaken)
        assert problem.name == KITS[0].name
        assert await ports.repo.get(Kit, KIT.id) == KIT


async def test_what_is_removed_is_gone_and_its_name_free(storage: Storage) -> None:
    await keep(storage, SPACE, KIT)

    async with storage.transaction() as ports:
        await ports.repo.remove(KIT)
        with pytest.raises(EntityNotFound):
            await ports.repo.get(Kit, KIT.id)
        await ports.repo.add(replace(KIT, id=UNKNOWN))


async def test_removing_an_older_version_or_nothing_is_a_problem(storage: Storage) -> None:
    await keep(storage, SPACE, replace(KIT, version=3))

    async with storage.transaction() as ports:
        problem = await refused(ports.repo.remove(KIT), ports.repo)
        assert isinstance(problem, VersionMismatch)
        assert problem.current_version == 3
        with pytest.raises(EntityNotFound):
            await ports.repo.remove(replace(KIT, id=UNKNOWN))


async def test_two_who_add_the_same_name_at_once_are_one_success_and_one_problem(
    database_storage: PostgresStorage,
) -> None:
    await keep(database_storage, SPACE)
    both_are_open = asyncio.Barrier(2)

    async def add(number: int) -> Kit:
        async with database_storage.transaction() as ports:
            await ports.repo.count(Kit)
            await both_are_open.wait()
            return await ports.repo.add(replace(KIT, id=UUID(int=number)))

    ended = await asyncio.gather(add(30), add(31), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ended) == ["Kit", "KitNameTaken"]
    async with database_storage.transaction(readonly=True) as ports:
        assert await ports.repo.count(Kit) == 1


async def test_two_who_save_the_same_version_at_once_are_one_success_and_one_problem(
    database_storage: PostgresStorage,
) -> None:
    await keep(database_storage, SPACE, KIT)
    both_are_open = asyncio.Barrier(2)

    async def save(name: str) -> Kit:
        async with database_storage.transaction() as ports:
            kit = await ports.repo.get(Kit, KIT.id)
            await both_are_open.wait()
            return await ports.repo.save(replace(kit, name=name))

    ended = await asyncio.gather(save("Red"), save("Blue"), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ended) == ["Kit", "VersionMismatch"]
    assert [end.current_version for end in ended if isinstance(end, VersionMismatch)] == [2]


async def test_who_locks_makes_the_other_wait_and_see_what_came_of_it(database_storage: PostgresStorage) -> None:
    await keep(database_storage, SPACE, KIT)

    async def lock() -> Kit:
        async with database_storage.transaction() as ports:
            return await ports.repo.lock(Kit, KIT.id)

    async with database_storage.transaction() as ports:
        saved = await ports.repo.save(replace(await ports.repo.lock(Kit, KIT.id), name="Red"))
        other = asyncio.create_task(lock())
        await database_storage.one_waits_for_a_lock()
        assert not other.done()

    assert await other == saved


async def test_who_locks_a_kit_lets_others_add_to_it(database_storage: PostgresStorage) -> None:
    await keep(database_storage, SPACE, KIT)

    async with database_storage.transaction() as one, database_storage.transaction() as other:
        await one.repo.lock(Kit, KIT.id)
        await other.repo.add(SECTION)
