"""The index, compared with the database and repaired."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from ports.search_upkeep import MAX_IDS, NoIndex
from service.database import Database
from service.settings import Settings
from tests.searching import door_to
from tests.service.searched import Searched, following, searched


@pytest.fixture
async def it(settings: Settings, database: Database, engine_url: str) -> AsyncIterator[Searched]:
    async with door_to(engine_url) as door, searched(settings, database, door, engine_url) as opened:
        yield opened


async def test_before_there_is_an_index_it_cannot_be_compared(it: Searched) -> None:
    with pytest.raises(NoIndex):
        await it.verify()


@pytest.mark.parametrize("repair", [False, True])
async def test_what_differs_is_told_by_its_ids_and_repaired_if_wanted(it: Searched, repair: bool) -> None:  # noqa: FBT001
    missing, different, *_ = await it.library.put(*(f"arrow {number}" for number in range(1_100)))
    async with following(it):
        await it.caught_up()
        index, surplus = (await it.status()).indexes[0].name, it.library.new_id()
        body = (await it.ask("GET", f"_doc/{different.id}"))["_source"]
        await it.ask_index("DELETE", f"{index}/_doc/{missing.id}?version=1000&version_type=external")
        await it.ask_index(
            "PUT", f"{index}/_doc/{different.id}?version=1001&version_type=external", **(body | {"tags": ["x"]})
        )
        await it.ask_index(
            "PUT", f"{index}/_doc/{surplus}?version=1002&version_type=external", **(body | {"id": str(surplus)})
        )

        verified = await it.verify(repair=repair)
        again = await it.verify()

    assert (verified.missing.ids, verified.different.ids, verified.surplus.ids) == (
        [missing.id],
        [different.id],
        [surplus],
    )
    assert (verified.differences, verified.unsettled.count, verified.compared) == (3, 0, 1_102)
    assert (verified.repaired, again.differences) == ((3, 0) if repair else (0, 3))
    assert bool(await it.differences()) is not repair


async def test_of_many_differences_some_ids_are_told(it: Searched) -> None:
    await it.library.put(*(f"arrow {number}" for number in range(50)))
    async with following(it):
        await it.caught_up()
        await it.ask("POST", "_delete_by_query", query={"term": {"kind": "asset"}})
        verified = await it.verify()
    assert (verified.missing.count, len(verified.missing.ids)) == (50, MAX_IDS)


async def test_what_is_written_meanwhile_is_no_difference(it: Searched) -> None:
    assets = await it.library.put(*(f"arrow {number}" for number in range(200)))

    async def rename() -> None:
        for number, asset in enumerate(assets * 20):
            await it.library.save(replace(asset, name=f"circle {number}", version=1 + number // len(assets)))

    async with following(it):
        await it.caught_up()
        writing = asyncio.ensure_future(rename())
        for _ in range(3):
            verified = await it.verify()
            assert verified.differences == 0
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


async def test_what_nobody_follows_is_told_apart_from_what_differs(it: Searched) -> None:
    async with following(it):
        await it.caught_up()
    await it.library.put("arrow")

    verified = await it.verify()

    assert (verified.differences, verified.unsettled.count) == (0, 1)


async def test_a_database_that_was_restored_is_repaired_although_its_numbers_are_behind(it: Searched) -> None:
    """What is newer in the index stays there until it is compared."""
    [asset] = await it.library.put("arrow")
    async with following(it):
        await it.caught_up()
        await it.library.save(replace(asset, name="circle"))
        await it.caught_up()
        async with it.service.engine.begin() as connection:
            await connection.execute(text("update search_versions set number = 1"))
        await it.library.save(replace(asset, name="square", version=2))
        await it.caught_up()
        assert await it.differences() == {str(asset.id)}

        assert (await it.verify(repair=True)).repaired == 1
        await it.library.save(replace(asset, name="triangle", version=3))
        await it.caught_up()
    assert await it.differences() == set()
