"""Work in the background over HTTP: what is preferred, what is accepted, and what is waited for."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from service.composition import Service
from tests.conftest import client_of
from tests.service.background import reached, send, with_real_actions, worker
from tests.service.conftest import Bench
from tests.service.test_http import assert_problem
from tests.service.test_ledger_invariants import eventually

HONOURED = "preference-applied"


@pytest.fixture
def _real(bench: Bench) -> None:
    with_real_actions(bench)


pytestmark = pytest.mark.usefixtures("_real")


def kit(bench: Bench, **arguments: object) -> dict[str, object]:
    return {"space_id": str(bench.space_id), "name": "Red", **arguments}


async def test_what_is_to_be_answered_before_it_is_done_is_accepted(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        answer = await send(client, "keep_kit", "respond-async", kit(bench))

    accepted = answer.json()
    assert (answer.status_code, accepted) == (202, {"id": accepted["id"], "action": "keep_kit", "state": "queued"})
    assert answer.headers["location"] == f"/executions/{UUID(accepted['id'])}"
    assert answer.headers["retry-after"] == "1"
    assert answer.headers[HONOURED] == "respond-async"
    assert answer.headers["vary"] == "Prefer"
    assert await bench.states() == [("keep_kit", "queued", None)]

    async with worker(bench):
        await reached(bench, accepted["id"], "succeeded")
    assert await bench.kits() == ["Red"]


async def test_who_waits_is_answered_as_if_it_were_no_other_way(bench: Bench) -> None:
    async with worker(bench), client_of(bench.service) as client:
        done = await send(client, "keep_kit", "respond-async, wait=10", kit(bench))
        refused = await send(client, "keep_kit", "respond-async, wait=10", kit(bench, name="Blue", then="problem"))
        failed = await send(client, "keep_kit", "wait=10, respond-async", kit(bench, then="bug", name="Green"))
        known = await send(client, "keep_kit", None, kit(bench, name="Grey"))

    assert (done.status_code, done.json().keys(), done.json()["name"]) == (200, known.json().keys(), "Red")
    assert done.headers[HONOURED] == "wait=10"
    assert done.headers["vary"] == "Prefer"
    assert "location" not in done.headers
    assert_problem(refused, 409, "kit_name_taken")
    assert_problem(failed, 500, "internal_error")
    [(output,)] = await bench.rows("select output from executions where action = 'keep_kit' and output like '%Red%'")
    assert done.text == output


async def test_who_has_waited_for_long_enough_is_told_that_it_is_accepted(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        answer = await send(client, "keep_kit", "respond-async, wait=1", kit(bench))
        impatient = await send(
            client, "keep_kit", "respond-async, wait=50", kit(bench, name="Blue"), request_timeout_ms="200"
        )

    assert (answer.status_code, answer.headers[HONOURED]) == (202, "respond-async, wait=1")
    assert answer.headers["location"] == f"/executions/{answer.json()['id']}"
    assert (impatient.status_code, impatient.headers[HONOURED]) == (202, "respond-async, wait=50")


async def test_nobody_waits_longer_than_the_operators_allow(bench: Bench) -> None:
    bench.service.settings = bench.service.settings.model_copy(update={"max_prefer_wait_seconds": 0})
    async with client_of(bench.service) as client:
        answer = await send(client, "keep_kit", f"respond-async, wait={'9' * 900}", kit(bench))

    assert (answer.status_code, answer.headers[HONOURED]) == (202, "respond-async, wait=0")


async def test_nobody_waits_for_a_service_that_is_stopping(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        waiting = asyncio.ensure_future(send(client, "keep_kit", "respond-async, wait=50", kit(bench)))
        await eventually(lambda: bench.rows("select 1 from executions where state = 'queued'"))
        bench.service.watch.close()
        async with asyncio.timeout(5):
            assert (await waiting).status_code == 202
            assert (await send(client, "keep_kit", "respond-async, wait=50", kit(bench))).status_code == 202


@pytest.mark.parametrize("prefer", [None, "wait=5", "respond-async=no", "return=minimal", "respond async"])
async def test_without_that_preference_it_is_done_at_once(bench: Bench, prefer: str | None) -> None:
    async with client_of(bench.service) as client:
        answer = await send(client, "keep_kit", prefer, kit(bench))

    assert (answer.status_code, answer.json()["name"]) == (200, "Red")
    assert HONOURED not in answer.headers


async def test_what_only_reads_or_is_only_tried_takes_no_notice(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        read = await client.get("/actions/echo", params={"text": "hello"}, headers={"prefer": "respond-async"})
        tried = await send(client, "keep_kit/dry-run", "respond-async, wait=5", kit(bench))
        tried_later = await send(client, "keep_later/dry-run", "respond-async", kit(bench))

    assert (read.status_code, read.json()) == (200, "hello")
    assert (tried.status_code, tried.json()["output"]["name"]) == (200, "Red")
    assert (tried_later.status_code, tried_later.json()["output"]["name"]) == (200, "Red")
    for answer in (read, tried, tried_later):
        assert HONOURED not in answer.headers
    assert await bench.states() == []


async def test_what_is_for_the_background_is_always_accepted(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        plain = await send(client, "keep_later", None, kit(bench))
        preferred = await send(client, "keep_later", "respond-async", kit(bench, name="Blue"))
        async with worker(bench):
            waited = await send(client, "keep_later", "wait=10", kit(bench, name="Green"))

    assert (plain.status_code, plain.headers["location"]) == (202, f"/executions/{plain.json()['id']}")
    assert HONOURED not in plain.headers
    assert (preferred.status_code, preferred.headers[HONOURED]) == (202, "respond-async")
    assert (waited.status_code, waited.json()["name"], waited.headers[HONOURED]) == (200, "Green", "wait=10")


async def test_mistakes_are_told_at_once(bench: Bench) -> None:
    async with client_of(bench.service) as client, client_of(bench.service, "owner", "kit.read") as narrow:
        wrong = await send(client, "keep_kit", "respond-async", {"name": "Red"})
        unknown = await send(client, "keep_nothing", "respond-async", {})
        not_allowed = await send(narrow, "keep_kit", "respond-async", kit(bench))

    assert_problem(wrong, 422, "invalid_arguments")
    assert_problem(unknown, 404, "unknown_action")
    assert_problem(not_allowed, 403, "scope_missing")
    assert await bench.states() == [("keep_kit", "rejected", "scope_missing")]


async def test_what_is_secret_is_not_for_the_background(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        taken = await send(client, "keep_secret", "respond-async", {"name": "a", "password": "b"})
        told = await send(client, "tell_secret", "respond-async", {})

    assert_problem(taken, 422, "background_refused")
    assert_problem(told, 422, "background_refused")
    assert "password" not in taken.text


async def test_the_same_key_is_the_same_acceptance_whatever_became_of_it(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        first = await send(client, "keep_kit", "respond-async", kit(bench), idempotency_key="a")
        again = await send(client, "keep_kit", "respond-async", kit(bench), idempotency_key="a")
        async with worker(bench):
            await reached(bench, first.json()["id"], "succeeded")
        at_last = await send(client, "keep_kit", None, kit(bench), idempotency_key="a")
        waited = await send(client, "keep_kit", "respond-async, wait=5", kit(bench), idempotency_key="a")
        other = await send(client, "keep_kit", "respond-async", kit(bench, name="Blue"), idempotency_key="a")

    assert "idempotent-replayed" not in first.headers
    for replay in (again, at_last):
        assert (replay.status_code, replay.content) == (202, first.content)
        assert replay.headers["location"] == first.headers["location"]
        assert replay.headers["retry-after"] == "1"
        assert replay.headers["idempotent-replayed"] == "true"
    assert (waited.status_code, waited.json()["name"]) == (200, "Red")
    assert waited.headers["idempotent-replayed"] == "true"
    assert_problem(other, 422, "idempotency_key_reused")
    assert await bench.kits() == ["Red"]


async def test_what_was_done_at_once_stays_done_for_its_key(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        first = await send(client, "keep_kit", None, kit(bench), idempotency_key="a")
        again = await send(client, "keep_kit", "respond-async", kit(bench), idempotency_key="a")

    assert (again.status_code, again.content) == (200, first.content)
    assert HONOURED not in again.headers


async def test_what_is_there_but_once_tells_nobody_elses_output(bench: Bench) -> None:
    async with client_of(bench.service) as client, client_of(bench.service, "other") as other:
        first = await send(client, "keep_once", "respond-async", kit(bench))
        waiting = asyncio.ensure_future(send(other, "keep_once", "respond-async, wait=10", kit(bench)))
        own = asyncio.ensure_future(send(client, "keep_once", "respond-async, wait=10", kit(bench)))
        await eventually(lambda: _both_wait(bench.service))
        async with worker(bench):
            told, done = await waiting, await own

    assert (told.status_code, told.json()) == (202, first.json())
    assert (done.status_code, done.json()["name"]) == (200, "Red")
    assert await bench.kits() == ["Red"]


async def _both_wait(service: Service) -> bool:
    waiting: Any = vars(service.watch)["_waiting"]
    return sum(map(len, waiting.values())) == 2
