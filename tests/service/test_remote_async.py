"""Asking another service for an action in the background: before one that answers as a test asks."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import to_jsonable_python

from ports.attempts import ProblemRecord
from ports.example import EXECUTION
from ports.gateway import AnswerLost, ServiceUnreachable, UnexpectedAnswer
from ports.ledger import State
from ports.library import Kit, KitNameTaken
from ports.problem import Problem
from ports.repo import EntityNotFound
from service.remote.answers import RemoteProblem
from service.remote.retries import Budget
from tests.loopback import http
from tests.service.test_remote import DONE, KIT, LOST, Script, other_service, problem

ID = UUID(int=9)
MONITOR = f"executions/{ID}"
ACCEPTED = http(202, {"id": ID, "action": "keep_kit", "state": "queued"}, location=f"/executions/{ID}")


def told(state: State, **fields: Any) -> bytes:
    """What the service tells of the execution."""
    record = to_jsonable_python(replace(EXECUTION, id=ID, action="keep_kit", state=state, output=None))
    return http(200, record | fields | {"of_a_later_version": 1})


SUCCEEDED = told("succeeded", output=KIT)


def failed(code: str, status: int, **members: object) -> bytes:
    document = {"status": status, "title": "So it is.", "code": code, "retryable": False, **members}
    return told("rejected", problem=to_jsonable_python(ProblemRecord.of(document)))


async def test_a_handle_is_awaited_while_the_service_is_asked_to_wait() -> None:
    scripts: dict[str, Script] = {"keep_kit": [ACCEPTED], MONITOR: [told("queued"), told("running"), SUCCEEDED]}
    async with other_service(scripts) as other, other.runner() as runner:
        handle = await runner.execute_async("keep_kit", {"name": "Red"}, returns=Kit)
        kit = await handle
        asked = other.server.asked(f"/{MONITOR}")
        plain = await (await runner.execute_async("keep_kit", {}))

    assert (handle.id, kit.name, plain) == (ID, "Red", KIT)
    (first, _) = other.asked("keep_kit")
    assert (first.method, first.headers["prefer"], first.body) == ("POST", "respond-async", b'{"name":"Red"}')
    assert [(each.method, each.headers["prefer"]) for each in asked] == [("GET", "wait=20")] * 3


async def test_a_key_goes_with_it_and_a_lost_answer_is_asked_for_again() -> None:
    script: Script = [LOST, http(503), problem(409, "idempotency_key_in_use"), ACCEPTED]
    async with other_service({"keep_kit": script}) as other, other.runner() as runner:
        first = await runner.execute_async("keep_kit", {})
        await runner.execute_async("keep_kit", {}, key="mine")
        keys = other.keys("keep_kit")

    assert first.id == ID
    assert (len(keys), len(set(keys[:4])), keys[4]) == (5, 1, '"mine"')
    assert keys[0] not in (None, '"mine"')


async def test_what_the_service_did_at_once_is_done() -> None:
    async with other_service({"keep_kit": [DONE]}) as other, other.runner() as runner:
        handle = await runner.execute_async("keep_kit", {}, returns=Kit)
        assert (await handle).name == (await handle.result(timeout=0)).name == "Red"
        assert [record async for record in handle.progress()] == []
        for look in (handle.record, handle.cancel):
            with pytest.raises(LookupError, match="at once"):
                await look()
        assert len(other.server.requests) == 2

    assert handle.id is None


@pytest.mark.parametrize(
    ("answer", "kind", "members"),
    [
        (failed("kit_name_taken", 409, name="Red"), KitNameTaken, {"name": "Red"}),
        (failed("kit_frozen", 409, title="So it is."), Problem, {"code": "kit_frozen", "status": 409}),
    ],
)
async def test_its_problem_is_raised_by_who_waits(answer: bytes, kind: type[Problem], members: dict[str, Any]) -> None:
    async with other_service({"keep_kit": [ACCEPTED], MONITOR: [answer]}) as other, other.runner() as runner:
        with pytest.raises(kind) as raised:
            await (await runner.execute_async("keep_kit", {}))
    assert {name: getattr(raised.value, name) for name in members} == members


async def test_a_service_that_is_away_for_a_while_is_waited_for() -> None:
    script: Script = [LOST, http(502, b"<html>"), problem(503, "unknown_here", retryable=True), SUCCEEDED]
    async with other_service({"keep_kit": [ACCEPTED], MONITOR: script}) as other:
        async with other.runner(budget=Budget(most=0, ratio=0, per_second=0)) as runner:
            assert (await (await runner.execute_async("keep_kit", {}, returns=Kit))).name == "Red"
        assert len(other.server.asked(f"/{MONITOR}")) == 4


async def test_a_service_that_stays_away_is_given_up() -> None:
    async with other_service({"keep_kit": [ACCEPTED], MONITOR: [LOST]}) as other, other.runner(timeout=0.3) as runner:
        handle = await runner.execute_async("keep_kit", {})
        handle.patience = 0.2
        looking = asyncio.create_task(handle._steadily(wait=0.0))
        with pytest.raises((AnswerLost, ServiceUnreachable)):
            await looking


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (problem(404, "entity_not_found", kind="execution", id=str(ID)), EntityNotFound),
        (problem(403, "not_known_here"), RemoteProblem),
        (http(200, {"state": "succeeded"}), UnexpectedAnswer),
        (http(200, b"{"), UnexpectedAnswer),
    ],
)
async def test_what_no_looking_again_can_heal_is_raised_at_once(answer: bytes, kind: type[Problem]) -> None:
    async with other_service({"keep_kit": [ACCEPTED], MONITOR: [answer]}) as other, other.runner() as runner:
        with pytest.raises(kind):
            await (await runner.execute_async("keep_kit", {}))
        assert len(other.server.asked(f"/{MONITOR}")) == 1


@pytest.mark.parametrize("answer", [http(202, b""), http(202, {"id": "none", "state": "queued"}), http(202, [])])
async def test_what_is_accepted_without_an_id_is_no_answer(answer: bytes) -> None:
    async with other_service({"keep_kit": [answer]}) as other, other.runner() as runner:
        with pytest.raises(UnexpectedAnswer):
            await runner.execute_async("keep_kit", {})


async def test_waiting_ends_in_time_and_may_begin_again() -> None:
    scripts: dict[str, Script] = {"keep_kit": [ACCEPTED], MONITOR: [told("running"), SUCCEEDED]}
    async with other_service(scripts) as other, other.runner() as runner:
        handle = await runner.execute_async("keep_kit", {}, returns=Kit)
        with pytest.raises(TimeoutError):
            await handle.result(timeout=0.1)
        assert (await handle.result(timeout=10)).name == "Red"


async def test_its_records_are_watched_as_they_change() -> None:
    scripts: dict[str, Script] = {"keep_kit": [ACCEPTED], MONITOR: [told("running"), told("running"), SUCCEEDED]}
    async with other_service(scripts) as other, other.runner() as runner:
        handle = await runner.execute_async("keep_kit", {})
        assert [record.state async for record in handle.progress()] == ["running", "succeeded"]
        assert {each.headers.get("prefer") for each in other.server.asked(f"/{MONITOR}")} == {None}


async def test_it_is_cancelled_where_it_runs() -> None:
    cancelled = http(202, {"id": ID, "state": "running", "action": "keep_kit"})
    too_late = problem(409, "too_late_for_that", state="succeeded")
    async with other_service({"keep_kit": [ACCEPTED], MONITOR: [LOST, cancelled, too_late]}) as other:
        async with other.runner() as runner:
            handle = await runner.execute_async("keep_kit", {})
            assert await handle.cancel() == "running"
            with pytest.raises(RemoteProblem, match="too_late_for_that"):
                await handle.cancel()
        assert [each.method for each in other.server.asked(f"/{MONITOR}")] == ["DELETE"] * 3
