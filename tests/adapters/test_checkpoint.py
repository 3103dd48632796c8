"""What every checkpoint promises, and what the one over PostgreSQL promises besides."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from ports.checkpoint import PERMISSIONS, PermissionMissing, PermissionRevoked
from ports.library import Asset, Kit, Member, Role, Section, Space
from ports.repo import EntityNotFound
from tests.adapters.storage import PostgresStorage, Storage, keep
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, SPACE, member

LYING_WITHIN = (SPACE, member("owner", "somebody"), KIT, SECTION, ASSET)
EVERY_PERMISSION = sorted(frozenset[str]().union(*PERMISSIONS.values()))


@pytest.mark.parametrize("role", PERMISSIONS)
async def test_a_role_grants_what_the_table_says_and_nothing_else(storage: Storage, role: Role) -> None:
    await keep(storage, SPACE, member(role))

    async with storage.transaction() as ports:
        granted = set()
        for permission in [*EVERY_PERMISSION, "space.destroy", ""]:
            try:
                await ports.checkpoint.require(permission, within=SPACE.id)
                granted.add(permission)
            except PermissionMissing as problem:
                assert problem.permission == permission  # noqa: PT017 - that it is raised, the set shows

    assert granted == PERMISSIONS[role]


@pytest.mark.parametrize("thing", LYING_WITHIN, ids=lambda thing: type(thing).__name__)
async def test_a_role_holds_for_what_lies_in_the_space(
    storage: Storage, thing: Space | Member | Kit | Section | Asset
) -> None:
    await keep(storage, SPACE, member("viewer"))

    async with storage.transaction() as ports:
        await ports.checkpoint.require("kit.read", within=thing)
        with pytest.raises(PermissionMissing):
            await ports.checkpoint.require("kit.edit", within=thing)


@pytest.mark.parametrize("thing", LYING_WITHIN, ids=lambda thing: type(thing).__name__)
async def test_to_a_stranger_what_was_asked_for_is_not_there(
    storage: Storage, thing: Space | Member | Kit | Section | Asset
) -> None:
    await keep(storage, SPACE, OTHER_SPACE, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    async with storage.transaction() as ports:
        with pytest.raises(EntityNotFound) as raised:
            await ports.checkpoint.require("kit.read", within=thing)

    assert (raised.value.kind, raised.value.id) == (type(thing).__name__.lower(), thing.id)


async def test_to_a_stranger_a_space_named_by_its_id_is_not_there(storage: Storage) -> None:
    await keep(storage, SPACE, member("owner", "somebody"))

    async with storage.transaction() as ports:
        for space_id in (SPACE.id, UUID(int=99)):
            with pytest.raises(EntityNotFound) as raised:
                await ports.checkpoint.require("kit.read", within=space_id)
            assert (raised.value.kind, raised.value.id) == ("space", space_id)


async def test_the_space_of_the_first_grant_is_remembered(storage: Storage) -> None:
    await keep(storage, SPACE, OTHER_SPACE, member("viewer"), member("owner", of=OTHER_SPACE))

    async with storage.transaction() as ports:
        with pytest.raises(PermissionMissing):
            await ports.checkpoint.require("kit.edit", within=SPACE)
        assert ports.checkpoint.space_id is None
        await ports.checkpoint.require("kit.edit", within=OTHER_SPACE)
        await ports.checkpoint.require("kit.read", within=SPACE)
        assert ports.checkpoint.space_id == OTHER_SPACE.id


async def test_what_was_granted_and_still_holds_is_confirmed(storage: Storage) -> None:
    await keep(storage, SPACE, OTHER_SPACE, member("viewer"), member("owner", of=OTHER_SPACE))

    async with storage.transaction() as ports:
        await ports.checkpoint.confirm()
        await ports.checkpoint.require("kit.read", within=SPACE)
        await ports.checkpoint.require("kit.edit", within=OTHER_SPACE)
        await ports.checkpoint.confirm()


async def test_who_was_removed_meanwhile_has_lost_the_permission(storage: Storage) -> None:
    await keep(storage, SPACE, member("editor"))

    async with storage.transaction() as ports:
        await ports.checkpoint.require("kit.edit", within=SPACE)
        async with storage.transaction("somebody") as other:
            await other.repo.remove(member("editor"))
        with pytest.raises(PermissionRevoked) as raised:
            await ports.checkpoint.confirm()

    assert raised.value.permission == "kit.edit"


async def test_who_has_a_lower_role_meanwhile_keeps_what_it_allows(storage: Storage) -> None:
    await keep(storage, SPACE, member("editor"))

    async with storage.transaction() as reading, storage.transaction() as editing:
        await reading.checkpoint.require("kit.read", within=SPACE)
        await editing.checkpoint.require("kit.edit", within=SPACE)
        async with storage.transaction("somebody") as other:
            await other.repo.save(replace(member("editor"), role="viewer"))
        await reading.checkpoint.confirm()
        with pytest.raises(PermissionRevoked):
            await editing.checkpoint.confirm()


async def test_one_of_two_spaces_is_enough_to_lose(storage: Storage) -> None:
    await keep(storage, SPACE, OTHER_SPACE, member("viewer"), member("owner", of=OTHER_SPACE))

    async with storage.transaction() as ports:
        await ports.checkpoint.require("kit.edit", within=OTHER_SPACE)
        await ports.checkpoint.require("kit.read", within=SPACE)
        async with storage.transaction("somebody") as other:
            await other.repo.remove(member("viewer"))
        with pytest.raises(PermissionRevoked):
            await ports.checkpoint.confirm()


async def test_who_gives_up_the_role_by_the_same_transaction_may(storage: Storage) -> None:
    await keep(storage, SPACE, member("admin"))

    async with storage.transaction() as ports:
        await ports.checkpoint.require("member.remove", within=SPACE)
        await ports.repo.remove(member("admin"))
        await ports.checkpoint.confirm()


async def test_who_removes_somebody_else_has_given_up_nothing(storage: Storage) -> None:
    ada = member("editor", "ada")
    await keep(storage, SPACE, member("admin"), ada)

    async with storage.transaction() as ports:
        await ports.checkpoint.require("member.remove", within=SPACE)
        await ports.repo.remove(ada)
        async with storage.transaction("somebody") as other:
            await other.repo.remove(member("admin"))
        with pytest.raises(PermissionRevoked):
            await ports.checkpoint.confirm()


async def test_a_removal_that_is_under_way_is_waited_for(database_storage: PostgresStorage) -> None:
    await keep(database_storage, SPACE, member("editor"))

    async def work() -> None:
        async with database_storage.transaction() as ports:
            await ports.checkpoint.require("kit.edit", within=SPACE)
            await ports.checkpoint.confirm()

    async with database_storage.transaction("somebody") as other:
        await other.repo.remove(member("editor"))
        working = asyncio.create_task(work())
        await database_storage.one_waits_for_a_lock()

    with pytest.raises(PermissionRevoked):
        await working


async def test_who_is_confirmed_is_removed_only_afterwards(database_storage: PostgresStorage) -> None:
    await keep(database_storage, SPACE, member("editor"))

    async def remove() -> None:
        async with database_storage.transaction("somebody") as other:
            await other.repo.remove(member("editor"))

    async with database_storage.transaction() as ports:
        await ports.checkpoint.require("kit.edit", within=SPACE)
        await ports.checkpoint.confirm()
        removing = asyncio.create_task(remove())
        await database_storage.one_waits_for_a_lock()
        assert not removing.done()

    await removing


async def test_members_who_are_confirmed_at_once_do_not_wait_for_each_other(database_storage: PostgresStorage) -> None:
    await keep(database_storage, SPACE, member("editor"))

    async with database_storage.transaction() as one, database_storage.transaction() as other:
        for ports in (one, other):
            await ports.checkpoint.require("kit.edit", within=SPACE)
            await ports.checkpoint.confirm()
