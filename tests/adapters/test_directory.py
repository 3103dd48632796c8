"""The directory of actors, in memory and in PostgreSQL."""

from ports.action import Caller
from ports.directory import Actor
from tests.adapters.storage import Storage

ADA = Caller(actor="ada", name="Ada Lovelace")
ROBOT = Caller(actor="robot", kind="service")


async def seen(storage: Storage, *callers: Caller) -> None:
    for caller in callers:
        async with storage.transaction() as ports:
            await ports.directory.see(caller)


async def known(storage: Storage, *subjects: str) -> list[Actor]:
    async with storage.transaction(readonly=True) as ports:
        return [*(await ports.directory.known(subjects)).values()]


async def test_who_was_seen_is_known_and_nobody_else(storage: Storage) -> None:
    await seen(storage, ADA, ROBOT)

    assert await known(storage, "ada", "bob") == [
        Actor(subject="ada", kind="person", display_name="Ada Lovelace"),
    ]
    assert await known(storage, "robot") == [Actor(subject="robot", kind="service", display_name=None)]
    assert await known(storage) == []


async def test_the_last_name_is_the_one_that_stands(storage: Storage) -> None:
    await seen(storage, ADA, Caller(actor="ada", name="Countess of Lovelace"))

    assert [actor.display_name for actor in await known(storage, "ada")] == ["Countess of Lovelace"]


async def test_credentials_without_a_name_take_none_away(storage: Storage) -> None:
    await seen(storage, ADA, Caller(actor="ada"))

    assert [actor.display_name for actor in await known(storage, "ada")] == ["Ada Lovelace"]
