"""One suite for the gateway, by HTTP and in memory, and what only the network shows."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from adapters.http.client import HttpClient
from adapters.http.gateway import HttpGateway
from adapters.memory.gateway import MemoryGateway
from ports.gateway import (
    Answer,
    AnswerLost,
    AnswerTooLarge,
    DeadlineExceeded,
    Gateway,
    ServiceUnreachable,
    UnexpectedAnswer,
    UrlRefused,
)
from ports.problem import Problem
from tests.loopback import Loopback, Request, http, loopback

TRACE = "0af7651916cd43dd8448eb211c80319c"
LIMIT = 1_000_000
HANGING, LOSING = DeadlineExceeded(), AnswerLost()


class Asked(Protocol):
    """What both kinds tell of a request."""

    @property
    def method(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def headers(self) -> dict[str, str]: ...


@dataclass
class World:
    """A gateway, and the service behind it."""

    gateway: Gateway
    address: str
    answers: dict[tuple[str, str], Answer | Problem]
    asked: list[Asked] = field(default_factory=list)


def answers_of(answers: dict[tuple[str, str], Answer | Problem], server: list[Loopback]) -> object:
    async def answering(request: Request) -> bytes | None:
        answer = answers[request.method, server[0].address + request.target]
        if answer is HANGING:
            await asyncio.Event().wait()
        return None if isinstance(answer, Problem) else http(answer.status, answer.body, **answer.headers)

    return answering


@pytest.fixture(params=["http", "memory"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    answers: dict[tuple[str, str], Answer | Problem] = {}
    if request.param == "memory":
        memory = MemoryGateway(hosts=("127.0.0.1", "*.example.org"), max_bytes=LIMIT)
        memory.answers = answers
        yield World(memory, "http://127.0.0.1:1", answers, memory.calls)  # type: ignore[arg-type]
        return
    servers: list[Loopback] = []
    async with loopback(answers_of(answers, servers)) as server:  # type: ignore[arg-type]
        servers.append(server)
        client = HttpClient()
        gateway = HttpGateway(client, hosts=("127.0.0.1", "*.example.org"), trace_id=TRACE, max_bytes=LIMIT)
        yield World(gateway, server.address, answers, server.requests)  # type: ignore[arg-type]
        await client.close()


@pytest.mark.parametrize("status", [200, 201, 404, 429, 500, 503])
async def test_an_answer_is_an_answer_whatever_its_status(world: World, status: int) -> None:
    url = f"{world.address}/it"
    world.answers["GET", url] = Answer(status=status, headers={"etag": "a"}, body=b'{"size": 5}')

    answer = await world.gateway.request("GET", url)

    assert (answer.status, answer.headers["etag"], answer.read(dict[str, int])) == (status, "a", {"size": 5})


async def test_json_and_bytes_are_sent_with_the_headers(world: World) -> None:
    url = f"{world.address}/it"
    world.answers["POST", url] = Answer(status=200)

    await world.gateway.request("POST", url, json={"name": "Réd"}, headers={"x-key": "k"})
    await world.gateway.request("POST", url, body=b"\0\1")

    first, second = world.asked
    assert (first.method, first.body) == ("POST", '{"name":"Réd"}'.encode())
    assert (first.headers["content-type"], first.headers["x-key"]) == ("application/json", "k")
    assert second.body == b"\0\1"
    assert "content-type" not in second.headers


async def test_a_redirect_is_an_answer_and_is_not_followed(world: World) -> None:
    url = f"{world.address}/it"
    world.answers["GET", url] = Answer(status=307, headers={"location": f"{world.address}/other"})

    assert (await world.gateway.request("GET", url)).status == 307
    assert len(world.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "", "it", "/it", "ftp://127.0.0.1/it", "file:///etc/passwd", "http://", "http://[/", "http://localhost/",
        "http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/", "http://example.org/", "http://[::1]/",
        "http://2130706433/", "http://169.254.169.254/latest/meta-data",
    ],
)  # fmt: skip
async def test_a_url_of_no_allowed_host_is_refused(world: World, url: str) -> None:
    with pytest.raises(UrlRefused):
        await world.gateway.request("GET", url)
    assert world.asked == []


async def test_who_does_not_listen_is_unreachable(world: World) -> None:
    with pytest.raises(ServiceUnreachable):
        await world.gateway.request("GET", "http://127.0.0.1:9/it")


@pytest.mark.parametrize("problem", [HANGING, LOSING])
async def test_no_answer_is_a_problem_that_says_it_may_have_been_done(world: World, problem: Problem) -> None:
    url = f"{world.address}/it"
    world.answers["POST", url] = problem

    with pytest.raises(type(problem)):
        await world.gateway.request("POST", url, timeout=0.3 if problem is HANGING else 30)
    assert len(world.asked) == 1


async def test_an_answer_is_read_up_to_a_limit(world: World) -> None:
    url = f"{world.address}/it"
    world.answers["GET", url] = Answer(status=200, body=bytes(LIMIT))
    assert len((await world.gateway.request("GET", url)).body) == LIMIT

    world.answers["GET", url] = Answer(status=200, body=bytes(LIMIT + 1))
    with pytest.raises(AnswerTooLarge) as raised:
        await world.gateway.request("GET", url)
    assert raised.value.document()["limit"] == LIMIT


def test_what_is_not_as_expected_is_a_problem_that_tells_nothing_of_it() -> None:
    with pytest.raises(UnexpectedAnswer) as raised:
        Answer(status=503, body=b'{"canary": 1}').read(list[int])
    document = raised.value.document()
    assert (document["answered"], document["retryable"]) == (503, True)
    assert "canary" not in str(document)
    assert not UnexpectedAnswer(answered=200).retryable


async def test_the_trace_and_the_time_left_go_with_a_request() -> None:
    async def answering(_: Request) -> bytes:
        return http(200, b"", set_cookie="a=1")

    async with loopback(answering) as server:
        client = HttpClient()
        ends = asyncio.get_running_loop().time() + 2
        gateway = HttpGateway(client, hosts=("*",), trace_id=TRACE, deadline=ends)
        for _ in range(2):
            await gateway.request("GET", server.address, timeout=30)
        await client.close()

    spans = {request.headers["traceparent"] for request in server.requests}
    assert len(spans) == 2
    assert all(re.fullmatch(f"00-{TRACE}-[0-9a-f]{{16}}-01", span) for span in spans)
    assert all(1_000 < int(request.headers["request-timeout-ms"]) <= 2_000 for request in server.requests)
    assert all("cookie" not in request.headers for request in server.requests)
    assert server.most == 1  # the connection was used again


async def test_no_more_connections_than_allowed_are_made() -> None:
    async def answering(_: Request) -> bytes:
        await asyncio.sleep(0.001)
        return http(200)

    async with loopback(answering) as server:
        client = HttpClient(connections=3)
        gateway = HttpGateway(client, hosts=("*",), trace_id=TRACE)
        await asyncio.gather(*(gateway.request("GET", server.address) for _ in range(50)))
        await client.close()
    assert (len(server.requests), server.most) == (50, 3)


async def test_a_request_that_cannot_be_sent_is_a_bug_and_not_a_problem() -> None:
    client = HttpClient()
    async with loopback(lambda _: asyncio.sleep(0, http(200))) as server:
        gateway = HttpGateway(client, hosts=("*",), trace_id=TRACE)
        with pytest.raises(ValueError, match="cannot be sent"):
            await gateway.request("GET", server.address, headers={"x": "a\r\nb: c"})
    await client.close()
