"""What an Idempotency-Key promises, row by row, over HTTP. `ROUNDS=200` repeats the race as often."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
from pydantic_core import to_json

from ports.ledger import IdempotencyKeyReused, MalformedIdempotencyKey
from ports.problem import Conflict, Problem
from service.composition import Service
from service.database import Database
from service.settings import Settings
from tests.conftest import client_of
from tests.service.conftest import Bench
from tests.service.proxy import lossy_proxy
from tests.service.test_http import assert_problem, made
from tests.service.test_ledger_invariants import _as_owner

ROUNDS = int(os.environ.get("ROUNDS", "3"))
AT_ONCE = 50
KEPT = "select action, state from executions where action = 'keep_kit' and idempotency_key is not null"


@pytest.fixture
async def http(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(bench.service) as client:
        yield client


async def keep(
    client: httpx.AsyncClient, key: str | bytes | None, name: str = "Red", then: str = "end"
) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    body = {"space_id": "00000000-0000-0000-0000-000000000007", "name": name, "then": then}
    return await client.post("/actions/keep_kit", json=body, headers=headers)  # type: ignore[arg-type]


def same(again: httpx.Response, first: httpx.Response) -> bool:
    replayed = (again.headers.get("idempotent-replayed"), first.headers.get("idempotent-replayed"))
    said = [(answer.status_code, answer.headers["content-type"], answer.content) for answer in (again, first)]
    return replayed == ("true", None) and said[0] == said[1]


@pytest.mark.parametrize(("then", "status", "kits"), [("end", 200, ["Red"]), ("problem", 409, [])])
async def test_the_first_is_done_and_the_second_is_told_the_same(
    http: httpx.AsyncClient, bench: Bench, then: str, status: int, kits: list[str]
) -> None:
    first, again = await keep(http, "k", then=then), await keep(http, "k", then=then)

    assert first.status_code == status
    assert same(again, first)
    assert await bench.kits() == kits
    assert len(await bench.states()) == 1


async def test_of_fifty_at_once_one_is_done_and_all_are_told_of_it_or_to_wait(
    http: httpx.AsyncClient, bench: Bench
) -> None:
    for number in range(ROUNDS):
        answers = await asyncio.gather(*(keep(http, f"k{number}", f"Kit {number}") for _ in range(AT_ONCE)))
        done = [answer for answer in answers if answer.status_code == 200]
        assert len({answer.content for answer in done}) == 1
        assert sum("idempotent-replayed" not in answer.headers for answer in done) == 1
        for answer in answers:
            if answer.status_code != 200:
                assert assert_problem(answer, 409, "idempotency_key_in_use")["retryable"] is True
                assert answer.headers["retry-after"] == "1"
    assert len(await bench.kits()) == ROUNDS
    assert await bench.rows("select count(*) from executions where state = 'succeeded'") == [(ROUNDS,)]
    assert await bench.rows("select count(*) from changes") == [(ROUNDS,)]


async def test_other_arguments_are_refused_and_what_was_done_stays_the_answer(
    http: httpx.AsyncClient, bench: Bench
) -> None:
    first, other = await keep(http, "k"), await keep(http, "k", "Blue")

    assert assert_problem(other, 422, "idempotency_key_reused")["retryable"] is False
    assert same(await keep(http, "k"), first)
    assert await bench.kits() == ["Red"]


async def test_the_same_arguments_are_the_same_in_whatever_order_they_come(
    http: httpx.AsyncClient, bench: Bench
) -> None:
    space = '"space_id": "00000000-0000-0000-0000-000000000007"'
    names = [f"name {number}" for number in range(20)]
    bodies = [
        f'{{{space}, "to": {json.dumps(names)}, "labels": {{"a": "1", "b": "2"}}}}',
        f'{{"labels": {{"b": "2", "a": "1"}}, "to": {json.dumps(names[::-1])}, {space}}}',
    ]
    headers = {"idempotency-key": "k", "content-type": "application/json"}
    first, again = [await http.post("/actions/pay_once", content=body, headers=headers) for body in bodies]

    assert first.status_code == 200, first.text
    assert same(again, first)


async def test_a_key_is_the_actors_own_and_the_actions_own(http: httpx.AsyncClient, bench: Bench) -> None:
    async with client_of(bench.service, "other") as other:
        answers = [await keep(http, "k", "Red"), await keep(other, "k", "Blue")]
    body = {"space_id": str(bench.space_id)}
    answers.append(await http.post("/actions/pay_once", json=body, headers={"idempotency-key": "k"}))

    assert [(answer.status_code, answer.headers.get("idempotent-replayed")) for answer in answers] == [(200, None)] * 3
    assert await bench.kits() == ["Blue", "Paid", "Red"]


@pytest.mark.parametrize(("hours", "name"), [(23.9, "Red"), (24.1, "Blue")])
async def test_an_expired_key_is_free_again_and_its_row_keeps_the_rest(
    http: httpx.AsyncClient, bench: Bench, hours: float, name: str
) -> None:
    expired = hours > bench.service.settings.idempotency_hours
    first = await keep(http, "k", "Red")
    whole = "select to_jsonb(e) - 'idempotency_key' - 'fingerprint' from executions e order by id limit 1"
    await _as_owner(bench, f"update executions set submitted_at = submitted_at - interval '{hours} hours'")
    before = await bench.rows(whole)
    again = await keep(http, "k", name)

    assert same(again, first) is not expired
    assert await bench.kits() == (["Blue", "Red"] if expired else ["Red"])
    assert await bench.rows(whole) == before
    keys = await bench.rows("select idempotency_key, fingerprint is null from executions order by id")
    assert keys == ([(None, True), ("k", False)] if expired else [("k", False)])


@pytest.mark.parametrize("then", ["retryable", "bug"])
async def test_an_expired_key_is_not_given_up_by_what_comes_to_nothing(
    http: httpx.AsyncClient, bench: Bench, then: str
) -> None:
    await keep(http, "k", "Red")
    await _as_owner(bench, "update executions set submitted_at = submitted_at - interval '25 hours'")
    await keep(http, "k", "Blue", then)

    assert (await keep(http, "k", "Blue")).status_code == 200
    assert await bench.kits() == ["Blue", "Red"]


@pytest.mark.parametrize(
    "key",
    [b"", b" ", b'""', b"x" * 256, b'"' + b"x" * 256 + b'"', b"a\tb", b"a\x7fb", b"a\0b", b"caf\xc3\xa9",
     b'"a', b'"a"b"', b'"a\\b"', b'"a";b=1'],
)  # fmt: skip
async def test_a_malformed_key_is_refused(http: httpx.AsyncClient, bench: Bench, key: bytes) -> None:
    answer = await keep(http, key)

    assert_problem(answer, 400, "malformed_idempotency_key")
    assert await bench.kits() == []


async def test_two_keys_are_none(http: httpx.AsyncClient, bench: Bench) -> None:
    body = to_json({"space_id": bench.space_id, "name": "Red"})
    headers = [("idempotency-key", "a"), ("idempotency-key", "b"), ("content-type", "application/json")]

    answer = await http.post("/actions/keep_kit", content=body, headers=headers)

    assert_problem(answer, 400, "malformed_idempotency_key")


@pytest.mark.parametrize(
    ("quoted", "bare"), [(b'"a b"', b"a b"), (b'"a\\"b\\\\c"', b'a"b\\c'), (b'  "' + b"x" * 255 + b'" ', b"x" * 255)]
)
async def test_a_key_in_quotes_is_the_one_without(http: httpx.AsyncClient, quoted: bytes, bare: bytes) -> None:
    first = await keep(http, quoted)

    assert first.status_code == 200
    assert same(await keep(http, bare), first)


async def test_where_a_key_is_demanded_none_is_a_problem(http: httpx.AsyncClient, bench: Bench) -> None:
    body = {"space_id": str(bench.space_id)}
    without = await http.post("/actions/pay_once", json=body)
    listed = {item["name"]: item["idempotency_key"] for item in (await http.get("/actions")).json()["items"]}

    assert_problem(without, 400, "idempotency_key_missing")
    assert await bench.kits() == []
    assert listed["pay_once"] == "required"
    assert {name for name, policy in listed.items() if policy == "refused"} >= {"keep_secret", "tell_secret", "echo"}


@pytest.mark.parametrize(("action", "body"), [("keep_secret", {"name": "n", "password": "p"}), ("tell_secret", {})])
async def test_what_is_secret_takes_no_key(http: httpx.AsyncClient, action: str, body: Mapping[str, str]) -> None:
    answer = await http.post(f"/actions/{action}", json=body, headers={"idempotency-key": "k"})

    assert_problem(answer, 422, "idempotency_key_refused")
    assert (await http.post(f"/actions/{action}", json=body)).status_code == 200


async def test_reading_needs_no_key_and_minds_none(http: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "k"}
    for text in ("one", "two"):
        answer = await http.get("/actions/echo", params={"text": text}, headers=headers)
        assert (answer.json(), "idempotent-replayed" in answer.headers) == (text, False)


async def test_after_a_lost_answer_the_same_again_is_told_what_was_done(
    bench: Bench, database: Database, settings: Settings
) -> None:
    with tempfile.TemporaryDirectory(prefix="lossy-") as folder:
        async with lossy_proxy(database.service, Path(folder)) as proxy:
            service = Service(
                settings.model_copy(update={"handlers": "tests.service.probes"}), Database(proxy.url, None)
            )
            async with client_of(service) as lossy:
                await keep(lossy, None, "Other")
                proxy.lose = "answer"
                lost = await keep(lossy, "k")
                again = await keep(lossy, "k")
            await service.close()

    assert lost.status_code == 200, "the server was asked, and knew"
    assert same(again, lost)
    assert await bench.kits() == ["Other", "Red"]


async def test_scopes_are_checked_before_an_answer_is_given_again(http: httpx.AsyncClient, bench: Bench) -> None:
    first = await keep(http, "k")
    async with client_of(bench.service, "owner", "asset.*") as narrowed:
        assert_problem(await keep(narrowed, "k"), 403, "scope_missing")

    assert same(await keep(http, "k"), first)


async def test_who_lost_their_role_is_told_again_what_they_did_and_can_do_no_more(
    service: Service, client: httpx.AsyncClient
) -> None:
    space = await made(client, "create_space", name="Design")
    await made(client, "add_member", space_id=space["id"], actor="ada", role="editor")
    body = {"space_id": space["id"], "name": "Hers"}
    async with client_of(service, "ada") as ada:
        first = await ada.post("/actions/create_kit", json=body, headers={"idempotency-key": "k"})
        await made(client, "remove_member", space_id=space["id"], actor="ada")
        again = await ada.post("/actions/create_kit", json=body, headers={"idempotency-key": "k"})
        other = await ada.post("/actions/create_kit", json=body, headers={"idempotency-key": "l"})

    assert first.status_code == 200
    assert same(again, first)
    assert_problem(other, 404, "entity_not_found")


async def test_the_local_runner_keeps_the_same_promises(bench: Bench, http: httpx.AsyncClient) -> None:
    sent = {"space_id": bench.space_id, "name": "Red"}
    runner = bench.runner()
    first = await runner.execute("keep_kit", sent, key="k")

    assert await runner.execute("keep_kit", sent, key="k") == first
    with pytest.raises(IdempotencyKeyReused):
        await runner.execute("keep_kit", {**sent, "name": "Blue"}, key="k")
    with pytest.raises(MalformedIdempotencyKey):
        await runner.execute("keep_kit", sent, key="")
    over_http = await keep(http, "k")
    assert over_http.headers["idempotent-replayed"] == "true"
    assert over_http.json()["id"] == str(first.id)


async def test_an_answer_from_before_a_deployment_is_given_again_as_it_was(
    http: httpx.AsyncClient, bench: Bench
) -> None:
    gone = {
        "type": "/problems/gone",
        "code": "gone",
        "title": "Gone",
        "status": 418,
        "detail": "Gone.",
        "retryable": False,
    }
    await keep(http, "k")
    await keep(http, "l", "Blue", "problem")
    await _as_owner(
        bench,
        """update executions set output = '{"older": 1}' where state = 'succeeded';"""
        f"update executions set problem = '{json.dumps(gone)}' where state = 'rejected'",
    )
    http.event_hooks = {}  # which look the kind of a problem up, and it is gone
    output, problem = await keep(http, "k"), await keep(http, "l", "Blue", "problem")

    assert (output.status_code, output.text) == (200, '{"older": 1}')
    assert (problem.status_code, problem.json()) == (418, gone)
    assert problem.headers["content-type"] == "application/problem+json"


def test_a_problem_of_an_unknown_kind_says_what_its_document_says() -> None:
    document = Conflict().document(trace_id="x") | {"code": "of_tomorrow", "title": "T", "detail": "D"}

    problem = Problem.from_document(document)

    assert problem.document(trace_id="x") == document | {"type": "/problems/of_tomorrow"}
