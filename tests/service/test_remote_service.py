"""The remote action runner before a real service: the same as the local one, and nothing lost when calls are cancelled.

`REMOTE_SECONDS=4` cancels calls for as long.
"""

import asyncio
import os
from asyncio import StreamWriter
from collections.abc import AsyncIterator
from contextlib import suppress
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from adapters.http.client import HttpClient
from adapters.http.gateway import HttpGateway
from handlers.get_kit import KitContents
from ports.action import Caller
from ports.actions import UnknownAction
from ports.argument import InvalidArguments
from ports.checkpoint import ScopeMissing
from ports.entity import Page
from ports.gateway import NO_HEADERS, Answer, UrlRefused
from ports.ledger import IdempotencyKeyReused, MalformedIdempotencyKey
from ports.library import Kit, KitNameTaken, Space
from ports.problem import Problem, Unavailable
from ports.repo import EntityNotFound
from service.composition import Service
from service.database import Database
from service.remote.retries import Budget
from service.remote.runner import RemoteActionRunner
from service.run import new_execution
from service.runner import ActionRunner
from service.settings import Settings
from tests.conftest import token_of
from tests.loopback import Request, http, loopback
from tests.service.serving import served
from tests.service.test_ledger_invariants import eventually
from tests.test_house import blocks

SECONDS = float(os.environ.get("REMOTE_SECONDS", "1.5"))
AT_ONCE, CALLS = 20, 1_000


@pytest.fixture
async def address(service: Service) -> AsyncIterator[str]:
    async with served(service) as address:
        yield address


@pytest.fixture
async def remote(service: Service, address: str) -> AsyncIterator[RemoteActionRunner]:
    async with RemoteActionRunner(address, token=token_of(service)) as runner:
        yield runner


@pytest.fixture
def local(service: Service) -> ActionRunner:
    return ActionRunner(service, Caller(actor="owner"))


async def rows(service: Service) -> int:
    async with service.engine.connect() as connection:
        return int((await connection.exec_driver_sql("select count(*) from executions")).scalar_one())


async def test_outputs_are_those_of_the_local_runner(
    service: Service, local: ActionRunner, remote: RemoteActionRunner
) -> None:
    space = await local.execute("create_space", {"name": "Design"}, returns=Space)
    assert await remote.execute("list_spaces", {}, returns=Page[Space]) == Page(items=[space], next_cursor=None)
    for first, second in ((local, remote), (remote, local)):
        asked, key = {"space_id": space.id, "name": f"Kit {uuid4()}"}, str(uuid4())
        made = await first.execute("create_kit", asked, returns=Kit, key=key)
        assert await second.execute("create_kit", asked, returns=Kit, key=key) == made
        read = [await runner.execute("get_kit", {"kit_id": made.id}, returns=KitContents) for runner in (local, remote)]
        assert read[0] == read[1]
    page = {"space_id": space.id, "limit": 1, "archived": False}
    listed = [await runner.execute("list_kits", page, returns=Page[Kit]) for runner in (local, remote)]
    assert listed[0] == listed[1]
    assert len(listed[0].items) == 1
    assert await rows(service) == 3


NOTHING = UUID(int=99)
Refused = tuple[str, dict[str, object], str | None, type[Problem]]
REFUSED: list[Refused] = [
    ("create_kit", {"space_id": ..., "name": "Taken"}, None, KitNameTaken),
    ("create_kit", {"name": "a" * 81, "size": 5, "visibility": "odd"}, None, InvalidArguments),
    ("create_kit", {"space_id": ..., "name": "\ud800"}, None, InvalidArguments),
    ("create_kit", {"space_id": ..., "name": "a\0"}, None, InvalidArguments),
    ("create_kit", {"space_id": NOTHING, "name": "Red"}, None, EntityNotFound),
    ("create_kit", {"space_id": ..., "name": "Red"}, "used", IdempotencyKeyReused),
    ("create_kit", {"space_id": ..., "name": "Red"}, "é", MalformedIdempotencyKey),
    ("get_kit", {"kit_id": NOTHING}, "ignored", EntityNotFound),
    ("get_kit", {"kit_id": "no id"}, None, InvalidArguments),
    ("list_kits", {"space_id": ..., "limit": 0, "other": [1, 2]}, None, InvalidArguments),
    ("make_tea", {}, None, UnknownAction),
    ("Make tea", {}, None, UnknownAction),
]


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: f"{refused[0]}: {refused[3].code}")
async def test_problems_are_those_of_the_local_runner(
    local: ActionRunner, remote: RemoteActionRunner, refused: Refused
) -> None:
    action, arguments, key, kind = refused
    space = await local.execute("create_space", {"name": "Design"}, returns=Space)
    await local.execute("create_kit", {"space_id": space.id, "name": "Taken"}, key="used")
    asked = {name: space.id if value is ... else value for name, value in arguments.items()}
    told = []
    for runner in (local, remote):
        with pytest.raises(kind) as raised:
            await runner.execute(action, asked, key=key)
        told.append((type(raised.value), raised.value.document()))
    assert told[0] == told[1]


@pytest.mark.parametrize("action", ["create_space", "list_spaces"])
async def test_what_the_token_does_not_allow_is_the_same_problem(service: Service, address: str, action: str) -> None:
    caller = Caller(actor="owner", scopes=frozenset({"kit.*"}))
    async with RemoteActionRunner(address, token=token_of(service, "owner", "kit.*")) as remote:
        for runner in (ActionRunner(service, caller), remote):
            with pytest.raises(ScopeMissing):
                await runner.execute(action, {"name": "Design"} if action == "create_space" else {})


async def test_a_dry_run_tells_what_would_be_and_keeps_nothing(
    service: Service, local: ActionRunner, remote: RemoteActionRunner
) -> None:
    tried = await remote.execute("create_space", {"name": "Design"}, dry_run=True)
    tried_here = await local.execute("create_space", {"name": "Design"}, dry_run=True)

    assert (tried.output["name"], [change.kind for change in tried.changes]) == ("Design", ["space", "member"])
    assert [change.kind for change in tried_here.changes] == ["space", "member"]
    async with service.engine.connect() as connection:
        assert (await connection.exec_driver_sql("select count(*) from executions")).scalar_one() == 0
        assert (await connection.exec_driver_sql("select count(*) from spaces")).scalar_one() == 0


async def test_the_trace_of_an_execution_is_on_record_where_it_led(
    service: Service, remote: RemoteActionRunner
) -> None:
    execution = new_execution(Caller(actor="owner"), outer=None, trace_id="")
    await remote.during(execution).execute("create_space", {"name": "Design"})
    async with service.engine.connect() as connection:
        found = await connection.exec_driver_sql("select trace_id from executions")
        assert found.scalar_one() == execution.trace_id


async def cancelled(call: asyncio.Task[object], after: float) -> None:
    await asyncio.sleep(after)
    call.cancel()
    with suppress(asyncio.CancelledError, Problem):
        await call


def idle(client: HttpClient) -> bool:
    """Whether no connection of the pool is in anybody's hands."""
    pool: Any = vars(client._client._transport)["_pool"]
    return not [*pool._requests, *(each for each in pool.connections if not each.is_idle())]


async def test_calls_that_are_cancelled_lose_no_connection_here_or_in_the_database(
    service: Service, local: ActionRunner, address: str
) -> None:
    space, random, count = await local.execute("create_space", {"name": "Design"}, returns=Space), Random(1), 0
    async with RemoteActionRunner(address, token=token_of(service), connections=10, timeout=10) as remote:
        ends = asyncio.get_running_loop().time() + SECONDS

        async def churn() -> int:
            made = 0
            while asyncio.get_running_loop().time() < ends:
                asked = {"space_id": space.id, "name": str(uuid4())}
                call = asyncio.create_task(remote.execute("create_kit", asked, timeout=5))
                await cancelled(call, random.random() * 0.05)
                made += 1
            return made

        count = sum(await asyncio.gather(*(churn() for _ in range(AT_ONCE))))
        assert idle(remote._client)
        asked = {"space_id": space.id, "limit": 1}
        pages = await asyncio.gather(*(remote.execute("list_kits", asked, returns=Page[Kit]) for _ in range(100)))
        assert idle(remote._client)

    assert count > AT_ONCE
    assert len(pages) == 100
    await eventually(lambda: _at_rest(service))
    async with service.engine.connect() as connection:
        busy = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
        assert (await connection.exec_driver_sql(busy)).scalar_one() == 0


async def _at_rest(service: Service) -> object:
    return service.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # every pool with a size has it


@pytest.mark.parametrize("seconds", [0.0, 2.0])
async def test_requests_to_many_hosts_that_are_cancelled_lose_no_connection(seconds: float) -> None:
    async def answering(request: Request) -> bytes:
        await asyncio.sleep(seconds if request.target == "/slow" else 0)
        return http(200)

    random, client = Random(1), HttpClient(connections=10)
    gateway = HttpGateway(client, hosts=("127.0.0.1",), trace_id="0" * 31 + "1")
    async with loopback(answering) as a, loopback(answering) as b, loopback(answering) as c:
        ends = asyncio.get_running_loop().time() + SECONDS
        hosts = [server.address for server in (a, b, c)]

        async def get(path: str) -> Answer:
            return await gateway.request("GET", random.choice(hosts) + path, headers=NO_HEADERS, timeout=5)

        async def churn() -> None:
            while asyncio.get_running_loop().time() < ends:
                await cancelled(asyncio.create_task(get("/slow")), random.random() * 0.008)

        await asyncio.gather(*(churn() for _ in range(AT_ONCE)))
        assert idle(client)
        answers = await asyncio.gather(*(get("/") for _ in range(100)))
        assert idle(client)
        await client.close()
    assert {answer.status for answer in answers} == {200}


class CountedBudget(Budget):
    """Counts what was spent."""

    spent = 0

    def spend(self) -> bool:
        affordable = super().spend()
        self.spent += affordable
        return affordable


@pytest.mark.parametrize("down", ["busy", "lost", "gone"])
async def test_a_service_that_is_down_is_asked_at_most_a_tenth_more_often_than_it_was_called(down: str) -> None:
    budget, asked, up = CountedBudget(), iter(range(CALLS)), [True]

    async def answering(request: Request) -> bytes | None:
        if request.target == "/actions":
            return http(200, {"items": [{"name": "echo", "method": "GET", "readonly": True}]})
        return http(200 if up else 503, "a") if up or down == "busy" else None

    async def calls() -> int:
        failed = 0
        for _ in asked:
            with pytest.raises(Unavailable if down == "gone" else Problem):
                await runner.execute("echo", {})
            failed += 1
        return failed

    async with loopback(answering) as server, RemoteActionRunner(server.address, token="t", budget=budget) as runner:
        await runner.execute("echo", {})
        up.clear()
        if down == "gone":
            server.stop()
        assert sum(await asyncio.gather(*(calls() for _ in range(AT_ONCE)))) == CALLS
        requests = len(server.asked("/actions/echo")) - 1
    assert requests == (0 if down == "gone" else CALLS + budget.spent)
    assert 0 < budget.spent <= 0.1 * CALLS


async def test_a_handler_asks_allowed_hosts_with_the_trace_of_its_execution(
    settings: Settings, database: Database
) -> None:
    said = {"handlers": "tests.service.probes", "gateway_hosts": "example.com, 127.0.0.1"}
    service = Service(settings.model_copy(update=said), database)
    runner = ActionRunner(service, Caller(actor="owner"), trace_id="0af7651916cd43dd8448eb211c80319c")

    async def answering(_: Request) -> bytes:
        return http(200, {"size": 5})

    async with loopback(answering) as server:
        assert await runner.execute("ask_another", {"url": f"{server.address}/it"}) == {"size": 5}
        with pytest.raises(UrlRefused):
            await runner.execute("ask_another", {"url": f"http://localhost:{server.port}/it"})
        (request,) = server.requests
        assert request.headers["traceparent"].split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
        assert len(server.open) == 1
        await service.close()
        await eventually(lambda: _none(server.open))


async def _none(found: set[StreamWriter]) -> bool:
    return not found


async def test_what_the_document_for_clients_shows_works(service: Service, local: ActionRunner, address: str) -> None:
    shown: dict[str, Any] = {}
    exec(blocks("docs/clients.md", "python")[0], shown)
    space = await local.execute("create_space", {"name": "Design"}, returns=Space)
    made = [await shown["make_kit"](address, token_of(service), space.id) for _ in range(2)]
    assert isinstance(made[0], Kit)
    assert made[1] == "There is a kit called Brand already."


async def test_the_list_of_actions_says_what_may_be_asked_twice(client: httpx.AsyncClient) -> None:
    items = (await client.get("/actions")).json()["items"]
    told = {item["name"]: (item["method"], item["idempotent"], item["idempotency_key"]) for item in items}
    assert told["create_kit"] == ("POST", False, "optional")
    assert told["list_kits"] == ("GET", True, "refused")
    assert told["share_kit"] == ("POST", False, "refused")  # its output is secret
