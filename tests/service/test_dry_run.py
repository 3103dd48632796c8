"""Trying an action: all of it is said, and nothing kept."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ports.actions import DryRunRefused
from ports.checkpoint import OPERATOR, ScopeMissing
from ports.library import Kit, KitNameTaken
from service.calls import DryRun
from service.composition import Service
from service.database import Database
from service.settings import Settings
from tests.conftest import client_of
from tests.service.conftest import Bench
from tests.service.test_http import SVG, assert_problem, made

TABLES = "select table_name from information_schema.tables where table_schema = 'public' and table_name <> 'x'"
OWN = re.compile(r'"[0-9a-f-]{36}"|"\d{4}-\d\d-\d\dT[^"]+"')


@pytest.fixture
async def http(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(bench.service) as client:
        yield client


async def all_rows(bench: Bench) -> list[tuple[object, ...]]:
    """Every row of every table that the service may read."""
    tables = [str(name) for (name,) in await bench.rows(TABLES)]
    assert {"kits", "changes", "executions", "usage"} <= {*tables}
    parts = [f"select '{table}' as t, to_jsonb(r)::text from {table} r" for table in tables]
    return await bench.rows(" union all ".join(parts) + " order by 1, 2")


async def changed(bench: Bench) -> list[dict[str, Any]]:
    rows = await bench.rows("select entity_kind, before, after from changes order by id")
    return [{"kind": kind, "before": before, "after": after} for kind, before, after in rows]


def alike(value: object) -> object:
    """The same but for its ids and times, each numbered by where it comes first."""
    seen: dict[str, str] = {}
    text = OWN.sub(lambda found: seen.setdefault(found[0], f'"own {len(seen)}"'), json.dumps(value, sort_keys=True))
    return json.loads(text)


async def test_it_says_what_is_then_returned_and_changed_and_keeps_nothing(
    http: httpx.AsyncClient, bench: Bench
) -> None:
    body = {"space_id": str(bench.space_id), "name": "Red"}
    await http.post("/actions/keep_secret", json={"name": "n", "password": "p"})  # the caller is known from here on
    before = await all_rows(bench)
    tried = await http.post("/actions/keep_kit/dry-run", json=body, headers={"idempotency-key": "k"})
    assert tried.status_code == 200, tried.text
    assert await all_rows(bench) == before

    done = await http.post("/actions/keep_kit", json=body, headers={"idempotency-key": "k"})
    assert done.status_code == 200, "the key was not claimed"
    assert "idempotent-replayed" not in done.headers
    said = tried.json()
    assert alike(said["output"]) == alike(done.json())
    told = [{name: change[name] for name in ("kind", "before", "after")} for change in said["changes"]]
    assert alike(told) == alike(await changed(bench))
    assert said["changes"][0]["entity_id"] == said["output"]["id"]


@pytest.mark.parametrize("first", ["end", "problem"])
async def test_other_actions_within_it_are_tried_with_it(http: httpx.AsyncClient, bench: Bench, first: str) -> None:
    body = {"space_id": str(bench.space_id), "first": first}
    tried = await http.post("/actions/keep_two/dry-run", json=body)
    assert (await bench.kits(), await bench.states()) == ([], [])
    done = await http.post("/actions/keep_two", json=body)

    assert tried.json()["output"] == done.json() == 2
    names = [change["after"]["name"] for change in tried.json()["changes"]]
    assert names == [change["after"]["name"] for change in await changed(bench)]
    assert "first" not in names or first == "end", "what a child did before its problem is undone with it"


@pytest.mark.parametrize(
    ("then", "status", "code"),
    [("problem", 409, "kit_name_taken"), ("retryable", 503, "contended"), ("bug", 500, "internal_error")],
)
async def test_its_problems_are_those_of_doing_it(
    http: httpx.AsyncClient, bench: Bench, then: str, status: int, code: str
) -> None:
    body = {"space_id": str(bench.space_id), "name": "Red", "then": then}
    tried = assert_problem(await http.post("/actions/keep_kit/dry-run", json=body), status, code)
    done = assert_problem(await http.post("/actions/keep_kit", json=body), status, code)

    assert "instance" not in tried, "there is no row of it"
    del tried["trace_id"], done["trace_id"], done["instance"]
    assert tried == done
    assert len(await bench.states()) == 1


async def test_arguments_and_credentials_are_checked(http: httpx.AsyncClient, bench: Bench) -> None:
    assert_problem(await http.post("/actions/keep_kit/dry-run", json={}), 422, "invalid_arguments")
    assert_problem(await http.post("/actions/no_such/dry-run", json={}), 404, "unknown_action")
    async with client_of(bench.service, "owner", "asset.*") as narrow:
        answer = await narrow.post("/actions/keep_kit/dry-run", json={"space_id": str(bench.space_id), "name": "x"})
        assert_problem(answer, 403, "scope_missing")
    del http.headers["authorization"]
    assert_problem(await http.post("/actions/keep_kit/dry-run", json={}), 401, "unauthenticated")


async def test_it_needs_no_key_where_doing_it_does(http: httpx.AsyncClient, bench: Bench) -> None:
    tried = await http.post("/actions/pay_once/dry-run", json={"space_id": str(bench.space_id)})

    assert tried.json()["output"] == 1
    assert await bench.kits() == []


async def test_its_records_say_so(bench: Bench) -> None:
    await bench.runner().run("keep_two", {"space_id": bench.space_id, "first": "end"}, dry_run=True)
    tried = bench.log.records[:]
    await bench.runner().run("keep_two", {"space_id": bench.space_id, "first": "end"})

    assert [record["event"] for record in tried].count("action.completed") == 2
    assert all(record["dry_run"] is True for record in tried)
    assert not any(record["dry_run"] for record in bench.log.records[len(tried) :])


async def test_the_local_runner_returns_what_would_have_been(bench: Bench) -> None:
    runner, sent = bench.runner(), {"space_id": bench.space_id, "name": "Red"}
    tried = await runner.execute("keep_kit", sent, dry_run=True)

    assert isinstance(tried, DryRun)
    assert isinstance(tried.output, Kit)
    ((kind, entity_id, before, after),) = [(c.kind, c.entity_id, c.before, c.after) for c in tried.changes]
    assert (kind, entity_id, before) == ("kit", tried.output.id, None)
    assert after is not None
    assert after["name"] == "Red"
    with pytest.raises(KitNameTaken):
        await runner.execute("keep_kit", {**sent, "then": "problem"}, dry_run=True)
    with pytest.raises(ScopeMissing):
        await bench.runner("owner", "asset.*").execute("keep_kit", sent, dry_run=True)
    assert await bench.kits() == []


async def test_what_only_reads_is_refused(http: httpx.AsyncClient, bench: Bench) -> None:
    assert_problem(await http.post("/actions/echo/dry-run", json={"text": "x"}), 422, "dry_run_refused")
    with pytest.raises(DryRunRefused):
        await bench.runner().execute("echo", {"text": "x"}, dry_run=True)


async def test_what_lasts_is_refused_and_nothing_of_it_done(service: Service, client: httpx.AsyncClient) -> None:
    file = (await client.post("/files", content=SVG)).json()
    async with client_of(service, "operator", *OPERATOR) as operator:
        answer = await operator.post("/actions/sweep_uploads/dry-run", json={})

    assert_problem(answer, 422, "dry_run_refused")
    assert (await client.get(f"/files/{file['sha256']}")).status_code == 200


async def asset_made(client: httpx.AsyncClient) -> dict[str, Any]:
    """What add_asset takes, for a section of a kit that is new."""
    file = (await client.post("/files", content=SVG)).json()
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")
    section = await made(client, "add_section", kit_id=kit["id"], name="Icons")
    return {"section_id": section["id"], "name": "a.svg", "file": file["sha256"]}


async def test_roles_are_asked_and_what_a_space_may_hold_is_counted(
    service: Service, client: httpx.AsyncClient, settings: Settings
) -> None:
    body = await asset_made(client)
    async with client_of(service, "stranger") as stranger:
        assert_problem(await stranger.post("/actions/add_asset/dry-run", json=body), 404, "entity_not_found")
    assert (await client.post("/actions/add_asset/dry-run", json=body)).status_code == 200
    full = Service(settings.model_copy(update={"max_space_assets": 0}), Database(service.engine.url, None))
    async with client_of(full) as client_of_full:
        tried = await client_of_full.post("/actions/add_asset/dry-run", json=body)
    await full.close()

    assert_problem(tried, 409, "quota_exceeded")


async def test_a_secret_is_shown_to_nobody_and_opens_nothing(service: Service, client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")
    tried = (await client.post("/actions/share_kit/dry-run", json={"kit_id": kit["id"]})).json()

    (change,) = [change for change in tried["changes"] if change["kind"] == "share"]
    assert change["after"]["token_hash"] == "[secret]"
    async with client_of(service) as anybody:
        anybody.headers["authorization"] = f"Bearer {tried['output']['token']}"
        assert_problem(await anybody.get("/actions/open_share"), 401, "unauthenticated")
