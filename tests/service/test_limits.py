"""Every limit, one over: the right problem, nothing changed, and a row where there is to be one."""

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from ports.sharing import SHARE_TOKEN
from service.composition import Service
from service.database import Database
from service.http.app import create_app
from service.settings import Settings
from tests.conftest import Cluster, client_of
from tests.service.conftest import Bench
from tests.service.test_http import assert_problem
from tests.service.test_ledger_invariants import eventually

SPACE = "00000000-0000-0000-0000-000000000007"
Limited = Callable[..., Awaitable[httpx.AsyncClient]]
SLEEPING = """
select 1 from pg_stat_activity
where datname = current_database() and state = 'active' and query like 'select pg_sleep%'
"""
JSON = {"content-type": "application/json"}


@pytest.fixture
async def limited(bench: Bench, database: Database, settings: Settings) -> AsyncIterator[Limited]:
    """A client of a service whose limits are as told."""
    opened: list[tuple[Service, httpx.AsyncClient]] = []

    async def client(url: str | None = None, **limits: object) -> httpx.AsyncClient:
        at = database if url is None else Database(database.service.update_query_dict({"host": url}), None)
        service = Service(settings.model_copy(update={"handlers": "tests.service.probes", **limits}), at)
        opened.append((service, client_of(service)))
        return opened[-1][1]

    yield client
    for service, each in opened:
        await each.aclose()
        await service.close()


async def work(client: httpx.AsyncClient, then: str = "end", **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    return await client.post("/actions/strain", json={"space_id": SPACE, "then": then, **more}, headers=headers)


async def assert_undone(bench: Bench, state: str, code: str) -> None:
    assert await bench.kits() == []
    assert await bench.rows("select 1 from changes") == []
    assert await bench.states() == [("strain", state, code)]


async def test_an_output_may_have_so_many_bytes(bench: Bench, limited: Limited) -> None:
    client = await limited(max_output_bytes=1_002)
    within, over = await work(client, size=1_000), await work(client, "write", size=1_001)

    assert within.status_code == 200
    assert assert_problem(over, 422, "output_too_large")["limit"] == 1_002
    assert await bench.kits() == ["end"]


async def test_an_output_that_is_read_may_have_no_more(limited: Limited) -> None:
    client = await limited(max_output_bytes=10)

    answer = await client.get("/actions/echo", params={"text": "x" * 9})

    assert_problem(answer, 422, "output_too_large")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"anything": %b1%b}' % (b"[" * 32, b"]" * 32), 422, "json_too_deep"),
        (b'{"anything": [%b1]}' % (b"1," * 20_000), 422, "json_too_many_values"),
        (b'{"anything": "%b"}' % (b"x" * 2**20), 413, "body_too_large"),
        (b'{"anything": "\\u0000"}', 422, "invalid_arguments"),
        (b'{"anything": {"\\u0000": 1}}', 422, "invalid_arguments"),
        (b'{"anything": "\\ud800"}', 400, "malformed_json"),
        (b'{"anything": 9223372036854775808}', 422, "invalid_arguments"),
        (b'{"anything": -9223372036854775809}', 422, "invalid_arguments"),
        (b'{"anything": 1e400}', 422, "invalid_arguments"),
        (b'{"size": 9223372036854775808}', 422, "invalid_arguments"),
        (b'{"amount": "1e1000000"}', 422, "invalid_arguments"),
        (b'{"amount": "NaN"}', 422, "invalid_arguments"),
        (b'{"amount": ', 400, "malformed_json"),
    ],
    ids=lambda value: value[:30].decode() if isinstance(value, bytes) else None,
)
async def test_arguments_have_limits(bench: Bench, limited: Limited, body: bytes, status: int, code: str) -> None:
    client = await limited()
    sent = body.replace(b"{", b'{"space_id": "%b", ' % SPACE.encode(), 1)
    for path in ("/actions/strain", "/actions/strain/dry-run"):
        assert_problem(await client.post(path, content=sent, headers=JSON), status, code)

    assert await bench.kits() == []


@pytest.mark.parametrize("sent", ["", "0", "-1", "1.5", "soon", "1" * 10, "\u00b2"])
async def test_the_patience_of_a_caller_is_a_number(limited: Limited, sent: str) -> None:
    client = await limited()

    answer = await client.get(
        "/actions/echo", params={"text": "x"}, headers={b"request-timeout-ms": sent.encode("latin-1")}
    )

    assert_problem(answer, 400, "malformed_request_timeout")


@pytest.mark.parametrize("then", ["sleep", "query", "nest"])
@pytest.mark.parametrize("key", [{}, {"idempotency-key": "k"}])
async def test_a_caller_s_patience_ends_what_they_asked_for(
    bench: Bench, limited: Limited, then: str, key: Mapping[str, str]
) -> None:
    client, loop = await limited(), asyncio.get_running_loop()
    await work(client, "bug")  # so that everything is warm
    began = loop.time()
    answer = await work(client, then, seconds=20, headers={"request-timeout-ms": "200", **key})

    assert assert_problem(answer, 504, "timed_out")["retryable"] is True
    assert answer.headers["retry-after"] == "1"
    assert 0.2 <= loop.time() - began < 5
    assert await bench.kits() == []
    assert [state for *_, state in await bench.states()] == ["internal_error", "timed_out"]


async def test_a_caller_who_waits_longer_than_the_action_may_take_waits_no_longer(
    bench: Bench, limited: Limited
) -> None:
    client = await limited()

    answer = await client.post("/actions/be_slow", json={"space_id": SPACE}, headers={"request-timeout-ms": "60000"})

    assert_problem(answer, 504, "timed_out")


@asynccontextmanager
async def parked(bench: Bench, client: httpx.AsyncClient) -> AsyncIterator[None]:
    """One execution under way in the client's service, which ends with the block."""
    body = {"space_id": SPACE, "seconds": 60, "then": "query"}
    task = asyncio.create_task(client.post("/actions/strain", json=body))
    await eventually(lambda: bench.rows(SLEEPING))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_who_finds_no_place_in_time_is_told_to_come_again(bench: Bench, limited: Limited) -> None:
    client = await limited(max_executions=1, max_wait_seconds=0.1)
    async with parked(bench, client):
        answers = await asyncio.gather(*(work(client) for _ in range(5)))
        alive = await client.get("/health/ready")

    for answer in answers:
        assert assert_problem(answer, 503, "overloaded")["retryable"] is True
        assert answer.headers["retry-after"] == "1"
        assert "instance" not in answer.json(), "there is no row of it"
    assert alive.status_code == 200
    assert (await work(client)).status_code == 200, "the place is free again"


async def test_who_waits_for_a_place_waits_no_longer_than_they_said(bench: Bench, limited: Limited) -> None:
    client, loop = await limited(max_executions=1, max_wait_seconds=60), asyncio.get_running_loop()
    async with parked(bench, client):
        began = loop.time()
        answer = await work(client, headers={"request-timeout-ms": "100"})

    assert_problem(answer, 503, "overloaded")
    assert loop.time() - began < 10


async def test_who_waits_for_a_place_gets_it_when_it_is_free(bench: Bench, limited: Limited) -> None:
    client = await limited(max_executions=1, max_wait_seconds=60)
    async with parked(bench, client):
        waiting = [
            asyncio.create_task(work(client, headers=patience)) for patience in ({}, {"request-timeout-ms": "60000"})
        ]
        await asyncio.sleep(0)

    assert sorted([(await each).status_code for each in waiting]) == [200, 409], "they took the same name"


async def test_who_finds_no_connection_in_time_is_told_to_come_again(bench: Bench, limited: Limited) -> None:
    client = await limited(database_pool=1, max_wait_seconds=0.1)
    await work(client, "write")
    async with parked(bench, client):
        answers = [
            await work(client),
            await work(client, headers={"idempotency-key": "k"}),
            await client.post("/actions/strain/dry-run", json={"space_id": SPACE}),
        ]

        assert await bench.states() == [("strain", "succeeded", None)]

    for answer in answers:
        assert_problem(answer, 503, "overloaded")


async def test_a_step_in_the_database_may_take_so_long(bench: Bench, limited: Limited) -> None:
    client = await limited(statement_seconds=1)

    answer = await work(client, "query", seconds=20)

    assert assert_problem(answer, 504, "query_timed_out")["retryable"] is True
    await assert_undone(bench, "rejected", "query_timed_out")


async def test_a_lock_is_waited_for_so_long(bench: Bench, limited: Limited) -> None:
    client = await limited(lock_seconds=1)
    async with bench.service.engine.connect() as other:
        await other.execute(text("select pg_advisory_xact_lock(1)"))
        answer = await work(client, "lock")

    assert assert_problem(answer, 503, "contended")["retryable"] is True
    await assert_undone(bench, "rejected", "contended")


async def test_an_open_transaction_that_does_nothing_is_ended(bench: Bench, limited: Limited) -> None:
    client = await limited(idle_seconds=1)

    answer = await work(client, "idle", seconds=1.5)

    assert_problem(answer, 503, "database_unavailable")
    assert await bench.kits() == []
    assert (await work(client)).status_code == 200, "the pool has healed"


@pytest.mark.parametrize("path", ["/actions/strain", "/actions/strain/dry-run"])
async def test_what_is_cancelled_because_the_service_stops_is_answered(
    bench: Bench, limited: Limited, path: str
) -> None:
    client = await limited()
    asked = asyncio.create_task(client.post(path, json={"space_id": SPACE, "seconds": 60, "then": "query"}))
    await eventually(lambda: bench.rows(SLEEPING))

    asked.cancel()

    assert_problem(await asked, 503, "execution_cancelled")
    assert await bench.kits() == []


@pytest.mark.parametrize("then", ["end", "problem", "retryable", "bug", "no JSON"])
@pytest.mark.parametrize("key", [None, "k"])
async def test_what_was_sent_is_let_go_of_when_it_was_answered(bench: Bench, then: str, key: str | None) -> None:
    sent = json.dumps({"space_id": SPACE, "name": "Red", "then": then}).encode()[: -1 if then == "no JSON" else None]
    held = sys.getrefcount(sent)
    gc.disable()
    try:
        await bench.runner().run("keep_kit", sent, key=key)
        assert sys.getrefcount(sent) == held
    finally:
        gc.enable()


async def test_a_bug_is_a_problem_that_tells_nothing(bench: Bench, limited: Limited) -> None:
    client = await limited()
    answer = await work(client, "bug")

    document = assert_problem(answer, 500, "internal_error")
    assert document["retryable"] is False
    assert "canary" not in answer.text
    assert document["instance"].startswith("/executions/")
    await assert_undone(bench, "failed", "internal_error")


async def test_a_bug_outside_of_actions_is_one_too(bench: Bench) -> None:
    app = create_app(bench.service)

    async def broken() -> None:
        raise ZeroDivisionError("a canary")

    app.add_api_route("/broken", broken)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.get("/broken")

    assert_problem(answer, 500, "internal_error")
    assert "canary" not in answer.text


async def test_a_database_that_is_down_is_a_problem_to_try_again(limited: Limited) -> None:
    client = await limited("/nowhere")
    for answer in (
        await work(client),
        await work(client, headers={"idempotency-key": "k"}),
        await client.get("/health/ready"),
        await client.get("/actions", headers={"authorization": f"Bearer {SHARE_TOKEN}x"}),
    ):
        assert assert_problem(answer, 503, "database_unavailable")["retryable"] is True
        assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("how", ["connection limit 0", "allow_connections false"])
async def test_a_database_that_takes_nobody_is_one_too(
    bench: Bench, cluster: Cluster, database: Database, limited: Limited, how: str
) -> None:
    await cluster.run(f"alter database {database.service.database} with {how}")

    assert_problem(await work(await limited()), 503, "database_unavailable")


@pytest.mark.parametrize(
    ("asked", "headers", "status", "code"),
    [
        ("GET /", {}, 404, "path_not_found"),
        ("GET /kits/", {}, 404, "path_not_found"),
        ("GET /actions/strain", {}, 405, "method_not_allowed"),
        ("HEAD /actions/strain", {}, 405, "method_not_allowed"),
        ("POST /actions/echo", JSON, 405, "method_not_allowed"),
        ("GET /actions/strain/dry-run", {}, 405, "method_not_allowed"),
        ("PATCH /actions", {}, 405, "method_not_allowed"),
        ("OPTIONS /actions/strain", {}, 405, "method_not_allowed"),
        ("POST /actions/strain", {}, 415, "unsupported_media_type"),
        ("POST /actions/strain", {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST /actions/strain/dry-run", {"content-type": "application/xml"}, 415, "unsupported_media_type"),
        ("POST /actions/strain", {**JSON, "content-length": "9" * 5_000}, 413, "body_too_large"),
        ("POST /files", {"content-length": "33554433"}, 413, "file_too_large"),
        ("POST /actions/%00%ff", JSON, 404, "unknown_action"),
    ],
)
async def test_what_is_not_as_it_should_be_is_a_problem(
    limited: Limited, asked: str, headers: Mapping[str, str], status: int, code: str
) -> None:
    method, path = asked.split()
    answer = await (await limited()).request(method, path, headers=headers)

    if method == "HEAD":
        assert (answer.status_code, answer.content) == (status, b"")
    else:
        assert_problem(answer, status, code)
    assert status != 405 or answer.headers["allow"]


async def test_the_type_of_every_problem_is_an_address_that_explains_it(bench: Bench, limited: Limited) -> None:
    client = await limited()
    for answer in (await work(client, "bug"), await client.get("/nothing"), await client.post("/actions/strain")):
        document = answer.json()
        explained = await client.get(document["type"])
        assert explained.status_code == 200
        assert {
            name: explained.json()[name] for name in ("code", "status", "title", "detail", "retryable", "type")
        } == {name: document[name] for name in ("code", "status", "title", "detail", "retryable", "type")}


async def test_a_nested_action_has_its_own_time_and_its_parent_may_go_on(bench: Bench) -> None:
    runner = bench.runner()

    outcome = await runner.run("keep_slowly", {"space_id": str(bench.space_id)})

    assert outcome.output == "timed_out"
    assert await bench.kits() == ["mine"]
    assert [(action, state) for action, state, _ in await bench.states()] == [
        ("keep_slowly", "succeeded"),
        ("be_slow", "failed"),
    ]
