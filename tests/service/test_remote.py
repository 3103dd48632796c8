"""The remote action runner before a service that answers as a test asks."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl
from uuid import UUID

import pytest

from ports.action import Execution
from ports.actions import InternalError, UnknownAction
from ports.argument import ArgumentError, InvalidArguments
from ports.gateway import AnswerLost, AnswerTooLarge, DeadlineExceeded, ServiceUnreachable, UnexpectedAnswer
from ports.ledger import MalformedIdempotencyKey
from ports.library import Kit, KitNameTaken
from ports.problem import Problem
from service.remote.answers import RemoteProblem
from service.remote.retries import LONGEST_SECONDS, Budget, backoff, seconds_of
from service.remote.runner import RemoteActionRunner
from tests.loopback import Loopback, Request, http, loopback

SPACE = UUID(int=7)
KIT = {"id": str(UUID(int=1)), "version": 1, "space_id": str(SPACE), "name": "Red", "visibility": "private"}
KIT |= {"archived_at": None, "of_a_later_version": 1}
LISTED = [
    {"name": "keep_kit", "method": "POST", "idempotent": False, "idempotency_key": "optional", "path": "/elsewhere"},
    {"name": "keep_secret", "method": "POST", "idempotent": False, "idempotency_key": "refused"},
    {"name": "echo", "method": "GET", "idempotent": True, "idempotency_key": "refused"},
    {"name": "look_up", "method": "POST", "idempotent": True, "idempotency_key": "refused"},
    {"name": "of_an_older_service", "method": "POST"},
]
LOST = None
PROBLEM = "application/problem+json"
DONE = http(200, KIT)
Script = list[bytes | None]


def problem(status: int, code: str, *, retry_after: object = None, **members: object) -> bytes:
    document = {"type": f"/problems/{code}", "title": "So it is.", "status": status, "code": code, **members}
    waiting = {} if retry_after is None else {"retry_after": retry_after}
    return http(status, document, content_type=PROBLEM, **waiting)


@dataclass
class Other:
    """Another service: each action gives the answers of its script in their order, the last for ever."""

    server: Loopback
    scripts: dict[str, Script]

    def runner(self, **said: object) -> RemoteActionRunner:
        return RemoteActionRunner(self.server.address, token="t", **said)  # type: ignore[arg-type]

    def asked(self, action: str) -> list[Request]:
        return self.server.asked(f"/actions/{action}")

    def keys(self, action: str) -> list[str | None]:
        return [request.headers.get("idempotency-key") for request in self.asked(action)]


@asynccontextmanager
async def other_service(scripts: dict[str, Script]) -> AsyncIterator[Other]:
    async def answering(request: Request) -> bytes | None:
        action = request.target.partition("?")[0].removeprefix("/actions").removeprefix("/")
        if not action and not scripts.get(""):
            return http(200, {"items": LISTED, "next_cursor": None})
        script = scripts[action]
        return script.pop(0) if len(script) > 1 else script[0]

    async with loopback(answering) as server:
        yield Other(server, scripts)


async def test_an_output_is_read_as_what_it_is_to_be() -> None:
    async with other_service({"keep_kit": [DONE]}) as other, other.runner() as runner:
        kit = await runner.execute("keep_kit", {"space_id": SPACE, "name": "Red"}, returns=Kit)
        plain = await runner.execute("keep_kit", {"name": "Red"})
        with pytest.raises(TypeError, match="keep_kit returns what is no int"):
            await runner.execute("keep_kit", {}, returns=int)

    assert kit == Kit(id=UUID(int=1), space_id=SPACE, name="Red", version=1)
    assert plain == KIT
    first = other.asked("keep_kit")[0]
    assert (first.method, first.headers["authorization"]) == ("POST", "Bearer t")
    assert first.body == f'{{"space_id":"{SPACE}","name":"Red"}}'.encode()
    assert len(other.server.asked("/actions")) == 1


async def test_what_reads_is_asked_for_by_its_method_with_its_arguments_in_the_query() -> None:
    asked = {"text": "a b&c=é", "size": 5, "all": True, "tags": ["x", "y"], "one": ["z"], "not": None, "id": SPACE}
    async with other_service({"echo": [http(200, "a")], "look_up": [http(200, "b")]}) as other:
        async with other.runner() as runner:
            assert await runner.execute("echo", asked, key="ignored", returns=str) == "a"
            assert await runner.execute("look_up", {"password": "p"}) == "b"
        (by_get,), (by_post,) = other.asked("echo"), other.asked("look_up")

    texts = [("text", "a b&c=é"), ("size", "5"), ("all", "true"), ("tags", "x"), ("tags", "y"), ("one", '["z"]')]
    assert parse_qsl(by_get.target.partition("?")[2]) == [*texts, ("id", str(SPACE))]
    assert (by_get.method, by_get.body, by_post.method, by_post.body) == ("GET", b"", "POST", b'{"password":"p"}')
    assert [request.headers.get("idempotency-key") for request in (by_get, by_post)] == [None, None]


async def test_a_key_is_made_and_kept_over_retries_and_one_that_is_given_counts() -> None:
    script = [LOST, http(503), problem(409, "idempotency_key_in_use"), DONE]
    async with other_service({"keep_kit": [*script]}) as other, other.runner() as runner:
        await runner.execute("keep_kit", {})
        await runner.execute("keep_kit", {})
        await runner.execute("keep_kit", {}, key='a "key"')
        with pytest.raises(MalformedIdempotencyKey):
            await runner.execute("keep_kit", {}, key="a\r\nb: c")
        keys = other.keys("keep_kit")

    assert len(keys) == 6
    assert len(set(keys[:4])) == 1
    assert re.fullmatch('"[0-9a-f]{32}"', keys[0] or "")
    assert keys[4] not in keys[:4]
    assert keys[5] == '"a \\"key\\""'


@pytest.mark.parametrize("action", ["keep_secret", "of_an_older_service", "unlisted"])
@pytest.mark.parametrize(
    ("answer", "raised"),
    [(LOST, AnswerLost), (http(503), UnexpectedAnswer), (problem(503, "unknown_here", retryable=True), RemoteProblem)],
)
async def test_what_may_not_be_done_twice_is_asked_once(
    action: str, answer: bytes | None, raised: type[Problem]
) -> None:
    async with other_service({action: [answer]}) as other, other.runner() as runner:
        with pytest.raises(raised):
            await runner.execute(action, {})
        assert other.keys(action) == [None]


@pytest.mark.parametrize("action", ["keep_kit", "echo", "look_up"])
@pytest.mark.parametrize(
    "answer",
    [
        LOST, http(429), http(502, b"<html>"), http(503), http(504), problem(409, "idempotency_key_in_use"),
        problem(409, "unknown_here", retryable=True), problem(503, "unknown_here"),
        problem(503, "database_unavailable"),
    ],
)  # fmt: skip
async def test_what_may_be_done_twice_is_asked_again(action: str, answer: bytes | None) -> None:
    async with other_service({action: [answer, DONE]}) as other, other.runner() as runner:
        assert await runner.execute(action, {}, returns=Kit)
        assert len(other.asked(action)) == 2


@pytest.mark.parametrize(
    "answer",
    [
        problem(409, "kit_name_taken", name="Red"), problem(500, "internal_error"), http(500), http(400, b"Bad"),
        http(301, b"", location="http://127.0.0.1:9/"), problem(503, "unknown_here", retryable=False), http(204),
    ],
)  # fmt: skip
async def test_where_asking_again_cannot_help_it_is_asked_once(answer: bytes) -> None:
    async with other_service({"keep_kit": [answer]}) as other, other.runner() as runner:
        with pytest.raises(Problem):
            await runner.execute("keep_kit", {})
        assert len(other.asked("keep_kit")) == 1


async def test_a_known_problem_is_raised_as_its_own_type() -> None:
    errors = [{"pointer": "/name", "detail": "Field required"}]
    script = [problem(409, "kit_name_taken", name="Red", later=1), problem(422, "invalid_arguments", errors=errors)]
    script += [problem(500, "internal_error")]
    async with other_service({"keep_kit": [*script]}) as other, other.runner() as runner:
        with pytest.raises(KitNameTaken) as taken:
            await runner.execute("keep_kit", {})
        with pytest.raises(InvalidArguments) as invalid:
            await runner.execute("keep_kit", {})
        with pytest.raises(InternalError):
            await runner.execute("keep_kit", {})
    assert taken.value.name == "Red"
    assert invalid.value.errors == [ArgumentError(pointer="/name", detail="Field required")]


@pytest.mark.parametrize(
    ("code", "members"),
    [("kit_frozen", {"since": [1]}), ("kit_name_taken", {}), ("remote_problem", {}), ("unexpected_answer", {})],
)
async def test_a_problem_not_known_here_is_raised_with_the_document_that_came(
    code: str, members: dict[str, object]
) -> None:
    async with other_service({"keep_kit": [problem(409, code, **members)]}) as other, other.runner() as runner:
        with pytest.raises(RemoteProblem, match=f"{code}: So it is.") as raised:
            await runner.execute("keep_kit", {})

    told = raised.value
    assert (told.code, told.status, told.retryable, told.title) == (code, 409, False, "So it is.")
    came = {"type": f"/problems/{code}", "title": "So it is.", "status": 409, "code": code, "retryable": False}
    assert told.members == came | members
    assert told.document(trace_id="t") == came | members | {"detail": "So it is.", "trace_id": "t"}


@pytest.mark.parametrize(
    "answer",
    [
        http(500, b"<html>canary</html>", content_type="text/html"), http(400, {"code": "canary"}),
        problem(400, "c" * 70_000), http(200, b"{canary"),
        http(400, b"{canary", content_type=PROBLEM), http(400, [], content_type=PROBLEM),
        http(400, {"code": 5}, content_type=PROBLEM),
    ],
)  # fmt: skip
async def test_what_is_no_answer_of_an_action_is_a_problem_that_tells_nothing_of_it(answer: bytes) -> None:
    async with other_service({"keep_kit": [answer]}) as other, other.runner() as runner:
        with pytest.raises(UnexpectedAnswer) as raised:
            await runner.execute("keep_kit", {}, returns=Kit)
    document = raised.value.document()
    assert document["answered"] == int(answer.split()[1])
    assert "canary" not in f"{document} {raised.value!r}"
    assert len(str(document)) < 500


async def test_an_action_that_is_not_listed_is_asked_for_by_the_method_that_the_service_names() -> None:
    not_allowed = http(405, {"code": "x"}, allow="GET")
    script: Script = [not_allowed, problem(403, "scope_missing", permission="echo.run")]
    async with other_service({"unlisted": script, "odd": [http(405, b"", allow="PUT")]}) as other:
        async with other.runner() as runner:
            with pytest.raises(Problem, match=r"scope|allow|credentials"):
                await runner.execute("unlisted", {"a": 1})
            with pytest.raises(UnexpectedAnswer):
                await runner.execute("odd", {})
            with pytest.raises(UnknownAction):
                await runner.execute("../health/live", {})
        assert [request.method for request in other.asked("unlisted")] == ["POST", "GET"]


async def test_the_listing_is_asked_for_once_by_many_at_once_and_its_failure_is_each_ones_own() -> None:
    async with other_service({"echo": [http(200, "a")], "": [http(500), DONE, LOST]}) as other:
        async with other.runner() as runner:
            for _ in range(2):
                with pytest.raises(UnexpectedAnswer):
                    await runner.execute("echo", {})
            assert other.asked("echo") == []
        del other.scripts[""]
        async with other.runner() as runner:
            await asyncio.gather(*(runner.execute("echo", {}) for _ in range(20)))
        assert len(other.server.asked("/actions")) == 2 + 1


async def test_the_deadline_counts_for_all_attempts_and_goes_with_each() -> None:
    async with other_service({"echo": [http(503)]}) as other, other.runner(budget=Budget(most=1e6)) as runner:
        began = asyncio.get_running_loop().time()
        with pytest.raises((UnexpectedAnswer, DeadlineExceeded)):
            await runner.execute("echo", {}, timeout=0.5)
        assert asyncio.get_running_loop().time() - began < 5
        left = [int(request.headers["request-timeout-ms"]) for request in other.asked("echo")]
    assert left == sorted(left, reverse=True)
    assert 0 < left[-1] <= left[0] <= 500


async def test_a_service_that_does_not_answer_is_given_up_at_the_deadline() -> None:
    async def answering(_: Request) -> bytes:
        return await asyncio.Event().wait() and b""

    async with loopback(answering) as server, RemoteActionRunner(server.address, token="t") as runner:
        calls = [runner.execute("echo", {}, timeout=0.1) for _ in range(5)]
        came = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(problem) for problem in came} == {DeadlineExceeded}


@pytest.mark.parametrize("when", ["1", lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)])
async def test_a_service_that_says_when_to_come_back_is_left_alone_until_then(when: str | Callable[[], str]) -> None:
    answer = problem(503, "database_unavailable", retry_after=when if isinstance(when, str) else when())
    async with other_service({"echo": [answer, http(200, "a")]}) as other, other.runner() as runner:
        began = asyncio.get_running_loop().time()
        assert await runner.execute("echo", {}) == "a"
        assert asyncio.get_running_loop().time() - began >= 0.95


async def test_a_service_that_says_to_come_back_too_late_is_not_waited_for() -> None:
    busy = problem(503, "database_unavailable", retry_after="30")
    async with other_service({"echo": [busy]}) as other, other.runner() as runner:
        began = asyncio.get_running_loop().time()
        with pytest.raises(Problem, match="database cannot be reached"):
            await runner.execute("echo", {}, timeout=20)
        assert asyncio.get_running_loop().time() - began < 5
        assert len(other.asked("echo")) == 1


async def test_what_may_have_been_done_is_not_called_undone_by_a_later_failure() -> None:
    script: Script = [LOST, problem(503, "database_unavailable")]
    one_retry = Budget(most=1, ratio=0, per_second=0)
    async with other_service({"keep_kit": script}) as other, other.runner(budget=one_retry) as runner:
        with pytest.raises(AnswerLost):
            await runner.execute("keep_kit", {})
        assert len(other.asked("keep_kit")) == 2


async def test_trace_and_token_go_with_every_request() -> None:
    tokens = iter(["first", "second", "third"])

    async def token() -> str:
        return next(tokens)

    trace = "0af7651916cd43dd8448eb211c80319c"
    async with other_service({"echo": [http(200, "a")]}) as other:
        async with RemoteActionRunner(other.server.address + "/", token=token) as runner:
            await runner.during(Execution(trace_id=trace)).execute("echo", {})
            await runner.execute("echo", {})
        listing, traced, alone = other.server.requests
    assert [r.headers["authorization"] for r in (listing, traced, alone)] == [
        "Bearer first", "Bearer second", "Bearer third",
    ]  # fmt: skip
    assert [r.headers["traceparent"].split("-")[1] for r in (listing, traced)] == [trace, trace]
    assert listing.headers["traceparent"] != traced.headers["traceparent"]
    assert re.fullmatch(r"00-(?!0af7)[0-9a-f]{32}-[0-9a-f]{16}-01", alone.headers["traceparent"])


async def test_an_output_is_read_up_to_a_limit() -> None:
    script: Script = [http(200, "a" * 2_000)]
    async with other_service({"echo": script}) as other, other.runner(max_output_bytes=1_900) as runner:
        with pytest.raises(AnswerTooLarge):
            await runner.execute("echo", {})


async def test_what_never_reached_the_service_is_tried_again_whatever_it_is() -> None:
    budget = Budget(most=2, ratio=0, per_second=0)
    async with (
        other_service({"echo": [http(200, "a", connection="close")]}) as other,
        other.runner(budget=budget) as runner,
    ):
        await runner.execute("echo", {})
        other.server.stop()
        with pytest.raises(ServiceUnreachable):
            await runner.execute("keep_secret", {})
    assert not budget.spend()


async def test_a_service_that_was_never_reached_is_unreachable() -> None:
    async with other_service({}) as other:
        address = other.server.address
    async with RemoteActionRunner(address, token="t", budget=Budget(most=0)) as runner:
        with pytest.raises(ServiceUnreachable):
            await runner.execute("keep_secret", {})


def test_a_budget_is_a_share_of_requests_and_a_little_for_who_asks_seldom() -> None:
    now = [0.0]
    budget = Budget(ratio=0.1, per_second=1, most=3, clock=lambda: now[0])
    assert [budget.spend() for _ in range(5)] == [True, True, True, False, False]
    for _ in range(11):
        budget.earn()
    assert [budget.spend() for _ in range(2)] == [True, False]
    now[0] = 2.0
    assert not budget.spend()
    budget.answered()
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    now[0] = 100.0
    budget.answered()
    assert [budget.spend() for _ in range(5)] == [True, True, True, False, False]


def test_one_who_calls_a_service_that_is_down_spends_at_most_a_tenth() -> None:
    budget, spent = Budget(clock=iter(range(1_000_000)).__next__), 0
    for _ in range(1_000):
        budget.earn()
        while budget.spend():
            spent += 1
    assert 90 < spent <= 100


def test_waiting_is_full_jitter_up_to_a_bound() -> None:
    waits = [[backoff(attempt) for _ in range(300)] for attempt in (0, 1, 2, 50)]
    for each, bound in zip(waits, (0.25, 0.5, 1.0, LONGEST_SECONDS), strict=True):
        assert max(each) <= bound
        assert max(each) > bound * 0.9
        assert min(each) < bound * 0.1


@pytest.mark.parametrize("said", [None, "", "soon", "-5", "1.5", "²", "Tue, 24 Nov 2020 10:00:00 GMT"])
def test_what_says_nothing_of_when_is_no_time(said: str | None) -> None:
    assert seconds_of(said) == 0
    assert seconds_of("9" * 400) == 3_600


def test_who_calls_another_service_imports_neither_what_serves_nor_what_stores() -> None:
    heavy = "{'fastapi', 'starlette', 'uvicorn', 'sqlalchemy', 'asyncpg', 'alembic'}"
    code = f"import sys, service.remote.runner; print({heavy} & sys.modules.keys())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"
