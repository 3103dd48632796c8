"""The monitor: executions in the background as callers see them go on, by asking, waiting, or being told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import Request

from adapters.postgres.connections import fetched
from ports.work import Held, Known
from service.http.app import create_app
from service.http.monitor import Monitor
from tests.conftest import client_of, token_of
from tests.service.background import queued, reached, with_real_actions, worker
from tests.service.conftest import Bench
from tests.service.serving import served
from tests.service.test_http import assert_problem
from tests.service.test_ledger_invariants import eventually

WORKER = UUID(int=5)


@pytest.fixture
def _real(bench: Bench) -> None:
    with_real_actions(bench)


pytestmark = pytest.mark.usefixtures("_real")


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(bench.service) as opened:
        yield opened


async def watched(bench: Bench, count: int = 1) -> None:
    """Return once so many wait for news."""

    async def so_many() -> bool:
        waiting: Any = vars(bench.service.watch)["_waiting"]
        return sum(map(len, waiting.values())) >= count

    await eventually(so_many)


async def poll(client: httpx.AsyncClient, execution_id: str, wait: int, etag: str | None = None) -> httpx.Response:
    seen = {} if etag is None else {"if-none-match": etag}
    return await client.get(f"/executions/{execution_id}", headers={"prefer": f"wait={wait}", **seen})


async def claimed(bench: Bench) -> Held:
    """What waits, taken by a worker that does nothing about it."""
    known = [Known(action="keep_kit")]
    [taken] = await bench.service.work.claim(known, worker=WORKER, lease=60, most=1)
    return Held(id=taken.id, claim=taken.claim)


async def test_what_waits_is_told_as_it_waits_and_then_with_what_came_of_it(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    execution_id = await queued(bench, name="Red")
    waiting = (await client.get(f"/executions/{execution_id}")).json()
    async with worker(bench):
        await reached(bench, execution_id, "succeeded")
    done = (await client.get(f"/executions/{execution_id}")).json()

    assert (waiting["state"], waiting["attempt"], waiting["started_at"]) == ("queued", 0, None)
    assert (waiting["output"], waiting["problem"], waiting["finished_at"]) == (None, None, None)
    assert (waiting["queue"], waiting["priority"], waiting["cancel_requested"]) == ("default", 0, False)
    assert waiting["submitted_at"] <= waiting["run_at"]
    assert (done["state"], done["attempt"], done["output"]["name"]) == ("succeeded", 1, "Red")
    assert done["run_at"] <= done["started_at"] <= done["finished_at"]


async def test_who_waits_without_a_tag_is_told_of_the_end(bench: Bench, client: httpx.AsyncClient) -> None:
    execution_id = await queued(bench, name="Red")
    polling = asyncio.ensure_future(poll(client, execution_id, 30))
    await watched(bench)
    async with worker(bench):
        answer = await polling

    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")
    assert answer.headers["preference-applied"] == "wait=30"
    assert answer.headers["vary"] == "Authorization, Prefer"
    again = await poll(client, execution_id, 30)
    assert (again.status_code, again.content) == (200, answer.content)


async def test_who_waits_with_a_tag_is_told_of_what_is_new(bench: Bench, client: httpx.AsyncClient) -> None:
    execution_id = await queued(bench, name="Red")
    first = await client.get(f"/executions/{execution_id}")
    polling = asyncio.ensure_future(poll(client, execution_id, 30, first.headers["etag"]))
    await watched(bench)
    held = await claimed(bench)
    second = await polling
    polling = asyncio.ensure_future(poll(client, execution_id, 30, second.headers["etag"]))
    await watched(bench)
    progress = '{"done": 1, "total": 2, "note": "half"}'
    await bench.service.work.beat([Held(id=held.id, claim=held.claim, progress=progress)], lease=None)
    third = await polling

    assert (second.status_code, second.json()["state"], second.json()["worker_id"]) == (200, "running", str(WORKER))
    assert third.json()["progress"] == {"done": 1, "total": 2, "note": "half"}
    assert len({each.headers["etag"] for each in (first, second, third)}) == 3


async def test_who_has_seen_what_there_is_is_told_so_in_time(bench: Bench, client: httpx.AsyncClient) -> None:
    execution_id = await queued(bench, name="Red")
    etag = (await client.get(f"/executions/{execution_id}")).headers["etag"]

    nothing_new = await poll(client, execution_id, 1, etag)
    in_no_time = await poll(client, execution_id, 0, etag)
    not_final = await poll(client, execution_id, 1)

    assert (nothing_new.status_code, nothing_new.content, nothing_new.headers["etag"]) == (304, b"", etag)
    assert nothing_new.headers["preference-applied"] == "wait=1"
    assert in_no_time.status_code == 304
    assert (not_final.status_code, not_final.json()["state"]) == (200, "queued")


async def test_nobody_waits_for_what_will_not_change_or_may_not_be_seen(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    execution_id = await queued(bench, name="Red")
    async with worker(bench):
        final = await poll(client, execution_id, 30)
    async with asyncio.timeout(5), client_of(bench.service, "stranger") as stranger:
        assert (await poll(client, execution_id, 60, final.headers["etag"])).status_code == 304
        assert (await poll(client, execution_id, 60, '"other"')).status_code == 200
        assert_problem(await poll(stranger, execution_id, 60), 404, "entity_not_found")
        assert_problem(await poll(client, str(UUID(int=9)), 60), 404, "entity_not_found")
        assert_problem(await poll(client, "nothing", 60), 422, "invalid_arguments")


async def test_nobody_waits_beyond_their_own_time_or_that_of_the_service(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    execution_id = await queued(bench, name="Red")
    headers = {"prefer": "wait=50", "request-timeout-ms": "300"}
    async with asyncio.timeout(5):
        impatient = await client.get(f"/executions/{execution_id}", headers=headers)
        polling = asyncio.ensure_future(poll(client, execution_id, 50))
        await watched(bench)
        bench.service.watch.close()
        stopped = await polling

    assert impatient.json()["state"] == stopped.json()["state"] == "queued"


@pytest.fixture
async def address(bench: Bench) -> AsyncIterator[str]:
    async with served(bench.service) as of:
        yield of


@asynccontextmanager
async def streamed(
    address: str, by: httpx.AsyncClient, execution_id: str, seen: str | None = None
) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    """The events of an execution over a real connection: their fields, by name."""
    said = {"authorization": by.headers["authorization"]} | ({} if seen is None else {"last-event-id": seen})
    async with (
        httpx.AsyncClient(base_url=address, headers=said, timeout=30) as client,
        client.stream("GET", f"/executions/{execution_id}/events") as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events_of(answer)


async def events_of(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
    event: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if not line:
            if "data" in event:
                yield event
            event = {}
        else:
            name, _, value = line.partition(": ")
            event[name] = value


async def test_events_tell_of_each_change_and_end_with_the_end(
    bench: Bench, client: httpx.AsyncClient, address: str
) -> None:
    execution_id = await queued(bench, name="Red")
    async with streamed(address, client, execution_id) as events:
        first = await anext(events)
        async with worker(bench):
            rest = [event async for event in events]
    final = await client.get(f"/executions/{execution_id}")

    assert {event["event"] for event in (first, *rest)} == {"execution"}
    assert '"state":"queued"' in first["data"]
    assert rest[-1]["data"] == final.text
    assert f'"{rest[-1]["id"]}"' == final.headers["etag"]
    assert len({event["id"] for event in (first, *rest)}) == 1 + len(rest)


async def test_events_that_were_seen_are_not_sent_again(bench: Bench, client: httpx.AsyncClient, address: str) -> None:
    execution_id = await queued(bench, name="Red")
    async with streamed(address, client, execution_id) as events:
        seen = (await anext(events))["id"]
    async with streamed(address, client, execution_id, seen) as events:
        await watched(bench)
        await claimed(bench)
        second = await anext(events)
    await fetched(bench.service.beside, "update executions set state = 'failed', finished_at = now()")
    async with streamed(address, client, execution_id, second["id"]) as events:
        [last] = [event async for event in events]
    path = f"/executions/{execution_id}/events"
    over = await client.get(path, headers={"last-event-id": last["id"]})
    again = await client.get(path)

    assert '"state":"running"' in second["data"]
    assert '"state":"failed"' in last["data"]
    assert (over.status_code, over.content) == (204, b"")
    assert again.status_code == 200
    assert last["data"] in again.text


async def test_whoever_may_see_it_no_more_is_told_no_more(bench: Bench, address: str) -> None:
    member = f"insert into members (id, version, space_id, actor, role) values ($1, 1, '{bench.space_id}', 'ada', $2)"
    await fetched(bench.service.beside, member, UUID(int=1), "editor")
    execution_id = await queued(bench, name="Red")
    await fetched(bench.service.beside, f"update executions set space_id = '{bench.space_id}'")
    async with client_of(bench.service, "ada") as ada, streamed(address, ada, execution_id) as events:
        assert '"state":"queued"' in (await anext(events))["data"]
        await fetched(bench.service.beside, "delete from members")
        await claimed(bench)
        assert [event async for event in events] == []


async def test_events_are_of_what_may_be_seen(bench: Bench, client: httpx.AsyncClient) -> None:
    execution_id = await queued(bench, name="Red")
    async with client_of(bench.service, "stranger") as stranger:
        refused = await stranger.get(f"/executions/{execution_id}/events")
    nobody = await client.get(f"/executions/{execution_id}/events", headers={"authorization": ""})
    head = await client.head(f"/executions/{execution_id}/events")

    assert_problem(refused, 404, "entity_not_found")
    assert_problem(nobody, 401, "unauthenticated")
    assert (head.status_code, head.headers["cache-control"], head.headers["x-accel-buffering"]) == (
        200, "no-cache", "no",
    )  # fmt: skip


async def test_a_silent_stream_beats_until_the_service_stops(bench: Bench) -> None:
    execution_id = await queued(bench, name="Red")
    said = [(b"authorization", f"Bearer {token_of(bench.service)}".encode())]
    monitor = Monitor(Request({"type": "http", "headers": said, "app": create_app(bench.service)}), execution_id)
    following = monitor.followed(await monitor.read(), heartbeat=0.2)

    beats = [await anext(following), await anext(following)]
    bench.service.watch.close()

    assert beats == [None, None]
    assert [reading async for reading in following] == []
