"""Reading again what has not changed: entity tags, and 304."""

from typing import Any

import httpx
import pytest

from service.composition import Service
from tests.conftest import client_of
from tests.service.test_http import SVG, assert_problem, made


async def read(client: httpx.AsyncClient, path: str, seen: str | None = None, method: str = "GET") -> httpx.Response:
    return await client.request(method, path, headers={} if seen is None else {"if-none-match": seen})


@pytest.fixture
async def kit(client: httpx.AsyncClient) -> Any:
    space = await made(client, "create_space", name="Design")
    return await made(client, "create_kit", space_id=space["id"], name="Brand")


@pytest.fixture
async def paths(client: httpx.AsyncClient, kit: Any) -> dict[str, str]:
    """An address of each kind that is read."""
    file = (await client.post("/files", content=SVG)).json()
    listed = (await client.get("/actions/list_executions", params={"space_id": kit["space_id"]})).json()
    return {
        "action": f"/actions/get_kit?kit_id={kit['id']}",
        "actions": "/actions",
        "execution": f"/executions/{listed['items'][0]['id']}",
        "file": f"/files/{file['sha256']}",
    }


@pytest.mark.parametrize("of", ["action", "actions", "execution", "file"])
async def test_who_has_it_already_is_told_so_and_no_more(
    client: httpx.AsyncClient, paths: dict[str, str], of: str
) -> None:
    whole = await read(client, paths[of])
    etag = whole.headers["etag"]

    assert whole.status_code == 200
    assert etag[0] == etag[-1] == '"'
    assert whole.headers["cache-control"] == "private, no-cache"
    for seen in (etag, f"W/{etag}", f'"other", {etag}', f'W/"other",W/{etag}', "*"):
        known = await read(client, paths[of], seen)
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)
        assert known.headers["cache-control"] == whole.headers["cache-control"]
        assert "content-type" not in known.headers
    for unseen in ("", '"other"', etag.strip('"'), f'"{etag}"'):
        assert (await read(client, paths[of], unseen)).content == whole.content


@pytest.mark.parametrize("of", ["action", "actions", "execution", "file"])
async def test_head_tells_the_same_without_the_body(client: httpx.AsyncClient, paths: dict[str, str], of: str) -> None:
    whole, head = await read(client, paths[of]), await read(client, paths[of], method="HEAD")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers
    assert (await read(client, paths[of], whole.headers["etag"], "HEAD")).status_code == 304


async def test_tags_on_several_lines_are_one_list(client: httpx.AsyncClient, paths: dict[str, str]) -> None:
    etag = (await read(client, paths["action"])).headers["etag"]

    known = await client.get(paths["action"], headers=[("if-none-match", '"other"'), ("if-none-match", etag)])

    assert known.status_code == 304


async def test_what_has_changed_is_sent_whole_with_another_tag(
    client: httpx.AsyncClient, kit: Any, paths: dict[str, str]
) -> None:
    before = await read(client, paths["action"])
    await made(client, "rename_kit", kit_id=kit["id"], name="Renamed", expected_version=1)
    after = await read(client, paths["action"], before.headers["etag"])

    assert after.status_code == 200
    assert after.json()["kit"]["name"] == "Renamed"
    assert after.headers["etag"] != before.headers["etag"]


async def test_what_may_be_done_is_each_callers_own(service: Service, client: httpx.AsyncClient) -> None:
    etag = (await client.get("/actions")).headers["etag"]
    async with client_of(service, "owner", "kit.read") as narrow:
        answer = await read(narrow, "/actions", etag)

    assert answer.status_code == 200
    assert answer.headers["vary"] == "Authorization"


async def test_who_may_not_see_it_is_not_told_that_it_is_unchanged(
    service: Service, client: httpx.AsyncClient, paths: dict[str, str]
) -> None:
    async with client_of(service, "stranger") as stranger:
        for of in ("action", "execution", "file"):
            etag = (await read(client, paths[of])).headers["etag"]
            for seen in (etag, "*"):
                assert (await read(stranger, paths[of], seen)).status_code == 404


async def test_a_problem_has_no_tag_and_is_no_match(client: httpx.AsyncClient) -> None:
    missing = "/actions/get_kit?kit_id=00000000-0000-0000-0000-000000000001"
    for path in (missing, "/nothing", f"/files/{'0' * 64}"):
        answer = await read(client, path, "*")
        assert answer.status_code == 404
        assert "etag" not in answer.headers
    assert_problem(await read(client, missing, "*"), 404, "entity_not_found")


async def test_what_is_done_has_no_tag(client: httpx.AsyncClient) -> None:
    answer = await client.post("/actions/create_space", json={"name": "x"}, headers={"if-none-match": "*"})

    assert answer.status_code == 200
    assert "etag" not in answer.headers
