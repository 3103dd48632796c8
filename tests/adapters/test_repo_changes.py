"""What every repository promises of the changes that it records."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest

from ports.entity import Entity
from ports.library import Kit
from ports.repo import VersionMismatch
from tests.adapters.storage import PostgresStorage, Storage, changes_of, keep
from tests.library import ASSET, KIT, SECTION, SPACE, UPLOAD, member

ALL = (SPACE, member("owner"), KIT, SECTION, ASSET, UPLOAD)
RENAMED = replace(KIT, name="Red")
KITS = [replace(KIT, id=UUID(int=20 + n), name=str(n)) for n in range(5)]


async def test_each_write_is_on_record_with_what_was_before_and_after(storage: Storage) -> None:
    await keep(storage, SPACE)

    async with storage.transaction() as ports:
        await ports.repo.add(KIT)
        saved = await ports.repo.save(RENAMED)
        await ports.repo.remove(saved)

    assert await changes_of(storage, ports.execution_id) == [(None, KIT), (KIT, saved), (saved, None)]


@pytest.mark.parametrize("entity", ALL, ids=lambda entity: type(entity).__name__)
async def test_a_change_holds_all_of_the_entity(storage: Storage, entity: Entity) -> None:
    execution = await keep(storage, *ALL)

    assert (None, entity) in await changes_of(storage, execution)


async def test_what_only_reads_or_fails_is_no_change(storage: Storage) -> None:
    await keep(storage, SPACE, replace(KIT, version=3))

    async with storage.transaction() as ports:
        await ports.repo.lock(Kit, KIT.id)
        await ports.repo.find(Kit)
        for doing in (ports.repo.save, ports.repo.remove):
            with pytest.raises(VersionMismatch):
                await doing(KIT)

    assert await changes_of(storage, ports.execution_id) == []


async def test_after_a_rollback_nothing_is_written(storage: Storage) -> None:
    await keep(storage, SPACE, KIT)

    with suppress(ZeroDivisionError):
        async with storage.transaction() as ports:
            await ports.repo.add(KITS[0])
            await ports.repo.save(RENAMED)
            raise ZeroDivisionError

    assert await changes_of(storage, ports.execution_id) == []
    async with storage.transaction(readonly=True) as ports:
        assert (await ports.repo.find(Kit)).items == [KIT]


async def test_after_a_savepoint_is_rolled_back_only_the_rest_is_written(storage: Storage) -> None:
    await keep(storage, SPACE, KIT)

    async with storage.transaction() as ports:
        await ports.repo.add(KITS[0])
        with suppress(ZeroDivisionError):
            async with ports.unit.savepoint():
                await ports.repo.remove(KIT)
                await ports.repo.add(KITS[1])
                raise ZeroDivisionError
        await ports.repo.add(KITS[2])

    assert await changes_of(storage, ports.execution_id) == [(None, KITS[0]), (None, KITS[2])]
    async with storage.transaction(readonly=True) as ports:
        assert (await ports.repo.find(Kit)).items == [KIT, KITS[0], KITS[2]]


async def test_changes_know_their_space(database_storage: PostgresStorage) -> None:
    await keep(database_storage, *ALL)

    spaces = await database_storage.rows("select entity_kind, entity_id, space_id from changes order by id")

    assert spaces == [
        (type(entity).__name__.lower(), entity.id, None if entity == UPLOAD else SPACE.id) for entity in ALL
    ]
