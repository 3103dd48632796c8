"""Work in the background over HTTP: what is preferred, what is accepted, and what is waited for."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from adapters.postgres.connections import fetched
from service.composition import Service
from tests.conftest import client_of
from tests.service.background import queued, reached, send, with_real_actions, worker
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


async def test_what_waits_is_cancelled_at_once_and_told_so(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        execution_id = await queued(bench, name="Red")
        answer = await client.delete(f"/executions/{execution_id}")
        again = await client.delete(f"/executions/{execution_id}")
        read = await client.get(f"/executions/{execution_id}")

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert answer.json()["problem"]["code"] == "execution_cancelled"
    assert (again.status_code, again.json()) == (200, answer.json())
    assert read.json() == answer.json()


async def test_what_runs_is_told_to_stop_and_undone(bench: Bench) -> None:
    async with client_of(bench.service) as client, worker(bench):
        execution_id = await queued(bench, name="Red", then="park")
        await reached(bench, execution_id, "running")
        answer = await client.delete(f"/executions/{execution_id}")
        end = await client.get(f"/executions/{execution_id}", headers={"prefer": "wait=5"})

    assert (answer.status_code, answer.json()["cancel_requested"]) == (202, True)
    assert answer.headers["location"] == f"/executions/{execution_id}"
    assert answer.headers["retry-after"] == "1"
    assert end.json()["state"] == "cancelled"
    assert await bench.kits() == []


async def test_who_comes_too_late_is_told_the_end(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        execution_id = await queued(bench, name="Red")
        async with worker(bench):
            await reached(bench, execution_id, "succeeded")
        late = await client.delete(f"/executions/{execution_id}")
        unknown = await client.delete(f"/executions/{UUID(int=9)}")

    assert assert_problem(late, 409, "execution_ended")["state"] == "succeeded"
    assert_problem(unknown, 404, "entity_not_found")
    assert await bench.kits() == ["Red"]


async def test_a_cancelled_one_is_answered_to_who_may_not_read_it(bench: Bench) -> None:
    execution_id = await queued(bench, name="Red")
    async with client_of(bench.service, "owner", "execution.cancel") as narrow:
        answer = await narrow.delete(f"/executions/{execution_id}", headers={"idempotency-key": "a"})
        again = await narrow.delete(f"/executions/{execution_id}", headers={"idempotency-key": "a"})

    assert (answer.status_code, answer.json()) == (200, {"id": execution_id, "state": "cancelled"})
    assert (again.content, again.headers["idempotent-replayed"]) == (answer.content, "true")


async def test_what_was_rejected_is_run_again_as_another_execution(bench: Bench) -> None:
    async with client_of(bench.service) as client, worker(bench):
        taken = await send(client, "keep_kit", None, kit(bench))
        first = await queued(bench, name="Red")
        await reached(bench, first, "rejected")
        await fetched(bench.service.beside, "update kits set name = 'Blue'")
        again = await send(client, "retry_execution", None, {"execution_id": first})
        await reached(bench, again.json()["id"], "succeeded")
        listed = await client.get("/executions", params={"retry_of": first})
        done = await send(client, "retry_execution", None, {"execution_id": again.json()["id"]})

    assert taken.status_code == 200
    assert (again.status_code, again.json()["action"], again.json()["state"]) == (200, "keep_kit", "queued")
    assert [each["id"] for each in listed.json()["items"]] == [again.json()["id"]]
    assert assert_problem(done, 409, "nothing_to_retry")["state"] == "succeeded"
    assert await bench.kits() == ["Blue", "Red"]


async def test_all_that_failed_are_run_again_and_those_refused_are_counted(bench: Bench) -> None:
    async with client_of(bench.service) as client:
        failed = [await queued(bench, name=f"Kit {number}") for number in range(3)]
        other = {"space_id": str(bench.space_id), "name": "Once", "then": "end"}
        secret = await send(client, "keep_once", "respond-async", {name: other[name] for name in ("space_id", "name")})
        await fetched(bench.service.beside, "update executions set state = 'failed', finished_at = now()")
        spoil = "update executions set arguments = '{}' where id = $1"
        await fetched(bench.service.beside, spoil, UUID(secret.json()["id"]))
        answer = await send(client, "retry_executions", None, {"limit": 3})
        rest = await send(client, "retry_executions", None, {"cursor": answer.json()["next_cursor"]})
        again = await send(client, "retry_executions", None, {})

    assert {name: answer.json()[name] for name in ("retried", "refused")} == {"retried": 2, "refused": 1}
    assert rest.json() == {"retried": 1, "refused": 0, "next_cursor": None}
    assert again.json() == {"retried": 0, "refused": 1, "next_cursor": None}
    retried = await bench.rows("select retry_of from executions where state = 'queued' order by retry_of")
    assert retried == [(UUID(each),) for each in failed]


async def test_executions_are_listed_by_their_address(bench: Bench) -> None:
    async with client_of(bench.service) as client, client_of(bench.service, "stranger") as stranger:
        ids = [await queued(bench, name=f"Kit {number}") for number in range(3)]
        first = await client.get("/executions", params={"limit": "2", "state": "queued"})
        second = await client.get("/executions", params={"limit": "2", "cursor": first.json()["next_cursor"]})
        whole = await client.get("/executions", params={"queue_name": "default", "since": "2020-01-01T00:00:00Z"})
        none = await client.get("/executions", params={"until": "2020-01-01T00:00:00Z"})
        wrong = await client.get("/executions", params={"state": "lost"})
        nobodys = await stranger.get("/executions")

    assert [each["id"] for page in (first, second) for each in page.json()["items"]] == ids[::-1]
    assert [each["id"] for each in whole.json()["items"]] == ids[::-1]
    assert none.json()["items"] == nobodys.json()["items"] == []
    assert first.headers["etag"]
    assert_problem(wrong, 422, "invalid_arguments")
