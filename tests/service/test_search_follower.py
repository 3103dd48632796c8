"""What is committed is found, whatever befalls the engine, the follower, or a write on its way."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from time import monotonic

import pytest
import structlog
from sqlalchemy import text

from ports.library import Asset
from ports.search import SearchUnavailable
from service.database import Database
from service.settings import Settings
from tests.adapters.searching import ADA, EVE, START
from tests.searching import door_to
from tests.service.searched import AWAY, WRITES, Searched, begin_following, following, searched
from tests.service.test_ledger_invariants import eventually
from tests.service.working import ready


@pytest.fixture
async def it(settings: Settings, database: Database, engine_url: str) -> AsyncIterator[Searched]:
    async with door_to(engine_url) as door, searched(settings, database, door, engine_url) as opened:
        yield opened


async def write(it: Searched, number: int) -> float:
    """Do one of the things that are done to a library, and return how long it took."""
    began, library = monotonic(), it.library
    [asset] = await library.put(f"arrow {number}")
    match number % 4:
        case 0:
            await library.save(replace(asset, name=f"renamed {number}"))
        case 1:
            await library.save(replace(asset, removed_at=START))
        case 2:
            await library.tag(f"tag {number}", asset)
        case 3:
            await library.remove(asset)
    return monotonic() - began


async def test_what_is_written_is_found_and_what_is_removed_is_not(it: Searched) -> None:
    async with following(it):
        [arrow, circle] = await it.library.put("arrow", "circle")
        await it.caught_up()
        assert await it.found("arrow") == ["arrow"]
        await it.library.save(replace(arrow, name="square"))
        await it.library.remove(circle)
        await it.caught_up()
        assert (await it.found("arrow"), await it.found("circle"), await it.found("square")) == ([], [], ["square"])
    assert await it.differences() == set()


async def test_nothing_is_lost_with_the_engine_away_and_followers_killed(it: Searched) -> None:
    """No write waits for the engine, is refused, or is missed."""
    processes = [await begin_following(it), await begin_following(it)]
    try:
        await asyncio.gather(*map(ready, processes))
        times = [await write(it, number) for number in range(WRITES // 4)]
        await it.door.close()
        until = monotonic() + AWAY
        processes[0].kill()
        for number in range(WRITES // 4, WRITES // 2):
            times.append(await write(it, number))
            await asyncio.sleep(max(0, (until - monotonic()) / WRITES))
        await asyncio.sleep(max(0, until - monotonic()))
        processes.append(await begin_following(it))
        await it.door.open()
        times += [await write(it, number) for number in range(WRITES // 2, WRITES * 3 // 4)]
        processes[1].kill()
        times += [await write(it, number) for number in range(WRITES * 3 // 4, WRITES)]
        await it.caught_up(seconds=120)

        verified = await it.verify()
        assert (verified.differences, verified.unsettled.count) == (0, 0)
        assert verified.compared > WRITES // 4
        assert await it.differences() == set()
        assert max(times) < 2
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def test_a_new_index_is_built_while_writes_and_searches_go_on(it: Searched) -> None:
    async with following(it):
        await it.library.put("always here")
        await it.library.put(*(f"arrow before {number}" for number in range(1_500)))
        await it.caught_up()
        before = [index.name for index in (await it.status()).indexes]
        building, asked = await it.reindex(), 0
        async with _writing(it) as writes, asyncio.timeout(60):
            while building not in [index.name for index in (await it.status()).indexes if index.state == "live"]:
                assert await it.found("always") == ["always here"]
                asked += 1
            while len((await it.status()).indexes) > 1:  # until the one before is removed
                assert await it.found("always") == ["always here"]
        await it.caught_up()

        assert asked > 0
        assert len(writes) > 50
        assert before != [building]
        assert await it.differences() == set()
        assert (await it.verify()).differences == 0


async def test_a_reindex_that_is_given_up_leaves_nothing_in_the_way(it: Searched) -> None:
    await it.library.put("arrow")
    async with following(it):
        await it.caught_up()
    await it.reindex()
    async with following(it):
        await asyncio.sleep(0.1)
    last = await it.reindex()
    async with following(it):
        await it.caught_up()
    assert [index.name for index in (await it.status()).indexes if index.state == "live"] == [last]
    assert await it.found("arrow") == ["arrow"]


async def test_a_follower_that_is_killed_while_it_builds_is_followed_by_one_that_goes_on(it: Searched) -> None:
    await it.library.put(*(f"arrow {number}" for number in range(3_000)))

    async def has_begun() -> bool:
        return 0 < (await it.status()).indexes[0].filled < 3_000

    async with following(it):
        await eventually(lambda: _has_index(it))
        await eventually(has_begun)
    first, process = (await it.status()).indexes[0], await begin_following(it)
    try:
        await ready(process)
        process.kill()
        await process.wait()
        async with following(it):
            await it.caught_up()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert first.state == "building"
    assert [index.name for index in (await it.status()).indexes if index.state == "live"] == [first.name]
    assert await it.differences() == set()


async def _has_index(it: Searched) -> bool:
    return bool((await it.status()).indexes)


async def test_what_commits_late_is_not_passed_by(it: Searched) -> None:
    """Its changes have lower numbers than those of others that were followed long before."""
    async with following(it):
        await it.caught_up()
        storage = it.library.engine.storage
        early = Asset(**vars((await it.library.put("early"))[0]) | {"id": it.library.new_id(), "name": "late"})
        async with storage.transaction("founder") as ports:
            await ports.repo.add(early)
            await it.library.put("in between")
            await asyncio.sleep(1.5)
        await it.caught_up()
        assert await it.found("late") == ["late"]
        assert await it.found("between") == ["in between"]


async def test_a_write_that_arrives_late_overwrites_nothing(it: Searched) -> None:
    """Such as one of a follower that was killed: it carries the number of when its rows were read."""
    from adapters.elasticsearch.cluster import Cluster, Write  # noqa: PLC0415

    [arrow, gone] = await it.library.put("arrow", "gone")
    async with following(it):
        await it.caught_up()
        index = (await it.status()).indexes[0].name
        documents = await it.ask(
            "POST", "_search", query={"ids": {"values": [str(arrow.id), str(gone.id)]}}, version=True
        )
        old = [Write(id=h["_id"], version=h["_version"], body=h["_source"]) for h in documents["hits"]["hits"]]
        await it.library.save(replace(arrow, name="circle"))
        await it.library.remove(gone)
        await it.caught_up()

        cluster = Cluster(it.engine_url, name=it.alias)
        assert await cluster.write(index, old) == 2
        await cluster.close()
    assert await it.differences() == set()


async def test_a_kit_made_private_while_the_engine_is_away_is_found_by_no_stranger(it: Searched) -> None:
    """Nor in the moment when the engine is back and has not been told yet."""
    shelf = await it.library.shelf("Arrows", visibility="public")
    await it.library.put("arrow", on=shelf)
    async with following(it):
        await it.caught_up()
        assert await it.found("arrow", by=EVE) == ["arrow"]
    await it.door.close()
    await it.library.save(replace(shelf.kit, visibility="private"))
    await it.door.open()

    assert await it.found("arrow", by=EVE) == []
    assert await it.found("arrows", by=EVE, kind="kit") == []
    async with following(it):
        await it.caught_up()
    assert await it.found("arrow", by=EVE) == []
    assert await it.found("arrow", by=ADA) == ["arrow"]
    assert await it.differences() == set()


async def test_a_change_that_touches_many_is_followed_in_pages(it: Searched) -> None:
    shelf = await it.library.shelf("Arrows")
    many = await it.library.put(*(f"arrow {number}" for number in range(2_300)), on=shelf)
    tag = await it.library.tag("old", *many)
    async with following(it):
        await it.caught_up()
        await it.library.save(replace(shelf.kit, visibility="public"), replace(tag, name="new"))
        await it.caught_up()
        assert await it.differences() == set()
        await it.library.save(replace(shelf.kit, version=2, archived_at=START, visibility="public"))
        await it.caught_up()
    assert await it.differences() == set()


async def test_a_transaction_of_many_changes_is_followed_in_its_order(it: Searched) -> None:
    """It is followed in several goes, and none of it is passed by, whatever ids the things have."""
    assets = await it.library.put(*(f"arrow {number}" for number in range(2_500)))
    async with following(it):
        await it.caught_up()
    Random(1).shuffle(assets)
    await it.library.save(*(replace(asset, name=f"circle {asset.name}") for asset in assets))
    async with following(it):
        await it.caught_up()
    assert await it.differences() == set()


async def test_an_engine_that_is_away_is_a_problem_of_searches_alone(it: Searched) -> None:
    async with following(it):
        await it.caught_up()
        await it.door.close()
        with pytest.raises(SearchUnavailable):
            await it.found("arrow")
        await it.library.put("arrow")
        status = await it.status()
        assert (status.answers, status.indexes[0].behind_changes) == (False, 1)
        await it.door.open()
        await it.caught_up()
        assert await it.found("arrow") == ["arrow"]


async def test_an_engine_that_says_nothing_is_waited_for_no_longer_than_it_may_take(it: Searched) -> None:
    async with following(it):
        await it.caught_up()
    await it.door.close()
    with socket.create_server(("127.0.0.1", it.door.port)):  # which nobody serves
        began = monotonic()
        with pytest.raises(SearchUnavailable):
            await it.found("arrow")
        assert monotonic() - began < 4


async def test_it_says_once_that_the_engine_is_away_and_that_it_is_back(it: Searched) -> None:
    with structlog.testing.capture_logs() as records:
        async with following(it):
            await it.caught_up()
            await it.door.close()
            await it.library.put("arrow")
            await asyncio.sleep(2)
            await it.door.open()
            await it.caught_up()
    said = [record["event"] for record in records]
    assert said == ["search.index_missing", "search.index_live", "search.unreachable", "search.reached"]


async def test_an_index_that_the_engine_has_lost_is_built_anew(it: Searched) -> None:
    await it.library.put("arrow")
    async with following(it):
        await it.caught_up()
        await it.ask_index("DELETE", (await it.status()).indexes[0].name)
        await it.library.put("circle")
        await it.caught_up()
        assert await it.found("arrow") == ["arrow"]
    assert await it.differences() == set()


async def test_an_index_that_may_have_missed_what_was_pruned_is_built_anew(
    settings: Settings, database: Database, engine_url: str
) -> None:
    pruning = settings.model_copy(update={"history_days": 30})
    async with door_to(engine_url) as door, searched(pruning, database, door, engine_url) as it:
        await it.library.put("arrow")
        async with following(it):
            await it.caught_up()
        first = (await it.status()).indexes[0].name
        async with it.service.engine.begin() as connection:
            await connection.execute(text("update search_indexes set reached_at = now() - interval '31 days'"))
        with structlog.testing.capture_logs() as records:
            async with following(it):
                await eventually(lambda: _is_live(it, but=first))
        assert [record["event"] for record in records] == ["search.changes_pruned", "search.index_live"]
        assert await it.found("arrow") == ["arrow"]


async def test_an_index_of_a_database_from_another_server_is_built_anew(it: Searched) -> None:
    """There the numbers of transactions were higher: nothing that is written here would be followed for long."""
    await it.library.put("arrow")
    async with following(it):
        await it.caught_up()
    first = (await it.status()).indexes[0].name
    async with it.service.engine.begin() as connection:
        await connection.execute(text("update search_indexes set transaction_id = '900000000'"))
    async with following(it):
        await eventually(lambda: _is_live(it, but=first))
        await it.library.put("circle")
        await it.caught_up()
    assert await it.found("circle") == ["circle"]


async def _is_live(it: Searched, *, but: str) -> bool:
    return any(index.state == "live" and index.name != but for index in (await it.status()).indexes)


@asynccontextmanager
async def _writing(it: Searched) -> AsyncIterator[list[asyncio.Future[float]]]:
    """Begin fifty writes a second, each whether or not those before have ended; raise what befell any of them."""
    writes: list[asyncio.Future[float]] = []

    async def go_on() -> None:
        began = monotonic()
        while True:
            writes.append(asyncio.ensure_future(write(it, 10_000 + len(writes))))
            await asyncio.sleep(max(0, began + len(writes) / 50 - monotonic()))

    task = asyncio.ensure_future(go_on())
    try:
        yield writes
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*writes)
