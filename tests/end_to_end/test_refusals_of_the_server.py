"""What the server refuses before any action hears of it: by raw sockets, against a real process."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.processes import Serving, serving
from tests.service.test_http import STANDARD

ROUNDS, AT_ONCE = 10, 4
MEBIBYTE = 2**20
SETTINGS = {
    "ACTIONBUS_HANDLERS": "tests.service.probes",
    "ACTIONBUS_RECEIVE_SECONDS": "0.5",
    "ACTIONBUS_MAX_HEADER_BYTES": "8192",
    "ACTIONBUS_MAX_FILE_BYTES": "100000",
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> tuple[int, str]:
        assert self.headers["content-type"] == "application/problem+json", self
        document: dict[str, Any] = json.loads(self.body)
        assert document.keys() >= STANDARD
        assert document["trace_id"]
        assert document["status"] == self.status
        return self.status, document["code"]


@dataclass(frozen=True)
class Server:
    serving: Serving
    token: bytes

    async def answers(self, *parts: bytes) -> list[Answer]:
        """All that is answered on one connection to these bytes, until the server ends it."""
        host, _, port = self.serving.address.partition("://")[2].partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            with suppress(ConnectionError):  # refused in the midst of it
                for part in parts:
                    writer.write(part)
                    await writer.drain()
            async with asyncio.timeout(20):
                return [*_parsed(await reader.read())]
        finally:
            writer.close()

    async def answer(self, *parts: bytes) -> Answer:
        (answer,) = await self.answers(*parts)
        return answer

    def post(self, path: bytes, *headers: bytes, body: bytes = b"") -> bytes:
        """A request after which the connection is to be closed."""
        own = (b"host: x", b"connection: close", b"authorization: Bearer " + self.token)
        typed = (b"content-type: application/json",)
        return b"\r\n".join([b"POST " + path + b" HTTP/1.1", *own, *typed, *headers, b"", body])

    def resident(self) -> int:
        """The bytes of memory that the process holds."""
        status = Path(f"/proc/{self.serving.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found[1]) * 1024


def _parsed(received: bytes) -> list[Answer]:
    answers = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        length = int(headers.get("content-length", 0))
        answers.append(Answer(int(status.split()[1]), headers, rest[:length]))
        received = rest[length:]
    return answers


@pytest.fixture(scope="module")
async def server(enterable: Path) -> AsyncIterator[Server]:
    async with serving(enterable / "refusing", **SETTINGS) as started, started.client() as client:
        yield Server(started, client.headers["authorization"].removeprefix("Bearer ").encode())


@pytest.mark.parametrize(
    "sent",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\0b\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: ten\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: " + b"9" * 5_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:40]),
)
async def test_what_is_no_http_is_a_problem(server: Server, sent: bytes) -> None:
    answer = await server.answer(sent)

    assert answer.problem == (400, "bad_request")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("sent", "repeated"),
    [
        (b"GET /?" + b"x" * 8_190 + b" HTTP/1.1\r\n", b""),
        (b"GET / HTTP/1.1\r\nx: " + b"x" * 8_192 + b"\r\n\r\n", b""),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 5_000 + b"\r\n", b""),
        (b"GET / HTTP/1.1\r\nx: ", b"x" * 65_536),
        (b"GET / HTTP/1.1\r\n", b"x" * 65_536),
        (b"GET /", b"x" * 65_536),
    ],
    ids=["address", "one header", "many headers", "endless value", "endless name", "endless address"],
)
async def test_headers_beyond_the_limit_are_a_problem_also_those_without_an_end(
    server: Server, sent: bytes, repeated: bytes
) -> None:
    answer = await server.answer(sent, *[repeated] * 100)

    assert answer.problem == (431, "headers_too_large")
    assert json.loads(answer.body)["limit"] == 8192


async def test_headers_within_the_limit_are_read(server: Server) -> None:
    sent = b"GET /health/live HTTP/1.1\r\nconnection: close\r\nx: " + b"x" * 8_100 + b"\r\n\r\n"

    assert (await server.answer(sent)).status == 200


async def test_endless_headers_behind_a_body_are_refused_too(server: Server) -> None:
    head = server.post(b"/actions/keep_secret", b"transfer-encoding: chunked", body=b"2\r\n{}\r\n0\r\nx: ")

    assert (await server.answer(head, *[b"x" * 65_536] * 100)).problem == (431, "headers_too_large")


async def test_a_body_that_does_not_come_is_a_problem(server: Server) -> None:
    for path in (b"/actions/keep_secret", b"/actions/keep_kit/dry-run", b"/files"):
        answer = await server.answer(server.post(path, b"content-length: 100", body=b"{"))
        assert answer.problem == (408, "request_timed_out")
        assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("sent", [b"", b"GE", b"GET /health/live HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nhost: x\r\nx: "])
async def test_headers_that_do_not_come_are_a_problem(server: Server, sent: bytes) -> None:
    answer = await server.answer(sent)

    assert answer.problem == (408, "request_timed_out")
    assert answer.headers["connection"] == "close"


async def test_a_body_whose_chunks_are_none_is_a_problem(server: Server) -> None:
    head = server.post(b"/actions/keep_secret", b"transfer-encoding: chunked")

    assert (await server.answer(head, b"2\r\n{}\r\nnonsense\r\n")).problem == (400, "bad_request")


async def test_a_body_that_is_said_to_be_too_large_is_refused_before_it_comes(server: Server) -> None:
    for path, length, code in (
        (b"/actions/keep_secret", MEBIBYTE + 1, "body_too_large"),
        (b"/actions/keep_kit/dry-run", MEBIBYTE + 1, "body_too_large"),
        (b"/files", 100_001, "file_too_large"),
    ):
        sent = server.post(path, b"expect: 100-continue", b"content-length: %d" % length)
        assert (await server.answer(sent)).problem == (413, code)


async def test_a_body_that_turns_out_too_large_is_refused(server: Server) -> None:
    for path, size, code in (
        (b"/actions/keep_secret", MEBIBYTE + 1, "body_too_large"),
        (b"/files", 100_001, "file_too_large"),
    ):
        head = server.post(path, b"transfer-encoding: chunked")
        answer = await server.answer(head, b"%x\r\n%b\r\n0\r\n\r\n" % (size, b" " * size))
        assert answer.problem == (413, code)


async def test_what_came_before_garbage_is_answered_and_nothing_after_it(server: Server) -> None:
    good = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"
    answers = await server.answers(good + b"garbage\r\n\r\n" + good)

    assert [answer.status for answer in answers[:1]] == [200]
    assert [answer.problem for answer in answers[1:]] in ([], [(400, "bad_request")])


async def test_an_upgrade_is_answered_as_what_it_is_without_it(server: Server) -> None:
    headers = (
        b"connection: upgrade, close\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: eA==\r\n"
    )
    sent = b"GET /nothing HTTP/1.1\r\nhost: x\r\n" + headers + b"\r\n"

    assert (await server.answer(sent)).problem == (404, "path_not_found")


async def test_head_is_answered_by_headers_alone(server: Server) -> None:
    answers = [
        await server.answers(b"%b %b HTTP/1.1\r\nconnection: close\r\nauthorization: Bearer %b\r\n\r\n" % each)
        for each in [
            (method, path, server.token) for path in (b"/actions", b"/problems") for method in (b"GET", b"HEAD")
        ]
    ]
    for (whole,), (head,) in (answers[:2], answers[2:]):
        assert (head.status, head.body) == (200, b"")
        assert {**head.headers, "date": ""} == {**whole.headers, "date": ""}  # a second may have begun between them
        assert int(head.headers["content-length"]) == len(whole.body) > 0


Refused = Callable[[Server], tuple[bytes, ...]]
LISTS = b'{"name": [' + b"[]," * (MEBIBYTE // 3 - 10) + b"1]}"
OVER: dict[str, Refused] = {
    "body": lambda s: (s.post(b"/actions/keep_secret", b"content-length: %d" % (2 * MEBIBYTE)), b"x" * 2 * MEBIBYTE),
    "chunks": lambda s: (
        s.post(b"/actions/keep_secret", b"transfer-encoding: chunked"),
        *[b"10000\r\n" + b" " * 65_536 + b"\r\n"] * 32,
        b"0\r\n\r\n",
    ),
    "upload": lambda s: (
        s.post(b"/files", b"transfer-encoding: chunked"),
        *[b"10000\r\n" + b" " * 65_536 + b"\r\n"] * 32,
        b"0\r\n\r\n",
    ),
    "depth": lambda s: (s.post(b"/actions/keep_secret", b"content-length: %d" % MEBIBYTE, body=b"[" * MEBIBYTE),),
    "values": lambda s: (s.post(b"/actions/keep_secret", b"content-length: %d" % len(LISTS), body=LISTS),),
    "text": lambda s: (
        s.post(
            b"/actions/keep_secret", b"content-length: %d" % 1_000_016, body=b'{"unknown": "%b"}' % (b"x" * 1_000_000)
        ),
    ),
    "headers": lambda _: (b"GET / HTTP/1.1\r\nx: ", *[b"x" * 65_536] * 32),
    "garbage": lambda _: (b"garbage " * 10_000,),
}


@pytest.mark.parametrize("over", OVER)
async def test_what_is_over_a_limit_takes_no_memory_with_it(server: Server, over: str) -> None:
    sent = OVER[over](server)

    async def floor() -> int:
        """What stays, whatever a few hold for a moment and the allocator for a while."""
        resident = []
        for _ in range(ROUNDS):
            for answer in await asyncio.gather(*(server.answer(*sent) for _ in range(AT_ONCE))):
                assert 400 <= answer.problem[0] < 500
            resident.append(server.resident())
        return min(resident)

    before = await floor()
    await floor()

    assert await floor() - before < 20_000_000
