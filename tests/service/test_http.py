"""The service as an HTTP client meets it."""

import asyncio
import json
import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest

from adapters.memory.checkpoint import OpenCheckpoint
from adapters.memory.repo import MemoryRepo
from ports.library import Kit, Member
from service.composition import Service
from service.http.app import create_app
from service.http.providers import provide_checkpoint, provide_repo
from tests.conftest import KEY, client_of, token_of

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1"/></svg>'
STANDARD = {"type", "title", "status", "detail", "code", "retryable", "trace_id"}


async def made(client: httpx.AsyncClient, action: str, **arguments: object) -> Any:
    answer = await client.post(f"/actions/{action}", json=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()


def assert_problem(answer: httpx.Response, status: int, code: str) -> Any:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document = answer.json()
    assert document.keys() >= STANDARD
    assert (answer.status_code, document["status"], document["code"]) == (status, status, code)
    assert document["trace_id"]
    return document


async def test_an_action_answers_its_output(client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")

    assert kit == {
        "id": kit["id"],
        "version": 1,
        "space_id": space["id"],
        "name": "Brand",
        "visibility": "private",
        "archived_at": None,
    }
    found = await client.get("/actions/get_kit", params={"kit_id": kit["id"]})
    assert found.json() == {"kit": kit, "sections": [], "asset_count": 0}


async def test_pages_go_on_where_they_ended(client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    for number in range(5):
        await made(client, "create_kit", space_id=space["id"], name=f"Kit {number}")

    names, cursor = [], None
    while True:
        query = {"space_id": space["id"], "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/actions/list_kits", params=query)).json()
        names += [kit["name"] for kit in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert names == [f"Kit {number}" for number in range(5)]


@pytest.mark.parametrize(
    "authorization",
    [b"", b"Bearer", b"Bearer x", b"Basic eDp5", b"Bearer a.b.c", b"Bearer \xe9", b"Bearer " + b"x" * 9_000],
)
async def test_nobody_is_anonymous(client: httpx.AsyncClient, authorization: bytes) -> None:
    del client.headers["authorization"]
    headers = {b"authorization": authorization}
    for answer in (
        await client.post("/actions/create_space", json={"name": "x"}, headers=headers),
        await client.get("/actions", headers=headers),
        await client.get(f"/files/{'0' * 64}", headers=headers),
        await client.post("/files", content=SVG, headers=headers),
    ):
        assert_problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_who_sends_two_tokens_is_nobody(service: Service, client: httpx.AsyncClient) -> None:
    mine = client.headers.pop("authorization")

    answer = await client.get(
        "/actions/list_spaces",
        headers=[("authorization", mine), ("authorization", f"Bearer {token_of(service, 'eve')}")],
    )

    assert_problem(answer, 401, "unauthenticated")


async def test_a_token_of_another_key_is_nobodys(service: Service) -> None:
    forged = token_of(service)[:-4] + "AAAA"
    async with client_of(service) as client:
        client.headers["authorization"] = f"Bearer {forged}"
        assert_problem(await client.get("/actions"), 401, "unauthenticated")


async def test_scopes_limit_what_a_token_may(service: Service) -> None:
    async with client_of(service, "owner", "kit.read", "space.*") as client:
        listed = {item["name"] for item in (await client.get("/actions")).json()["items"]}
        assert {"create_space", "list_spaces", "get_kit", "list_kits"} <= listed
        assert not listed & {"create_kit", "add_asset", "add_member"}
        answer = await client.post("/actions/create_kit", json={"space_id": str(uuid4()), "name": "x"})
        assert assert_problem(answer, 403, "scope_missing")["permission"] == "kit.create"
        assert_problem(await client.post("/files", content=SVG), 403, "scope_missing")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "path_not_found"),
        ("POST", "/actions/no_such_action", 404, "unknown_action"),
        ("POST", "/actions/find_file", 404, "unknown_action"),
        ("POST", "/actions/record_upload", 404, "unknown_action"),
        ("GET", "/actions/record_upload", 404, "unknown_action"),
        ("GET", "/actions/create_kit", 405, "method_not_allowed"),
        ("POST", "/actions/get_kit", 405, "method_not_allowed"),
        ("DELETE", "/actions/create_kit", 405, "method_not_allowed"),
        ("PUT", "/health/live", 405, "method_not_allowed"),
        ("GET", "/files/../../etc/passwd", 404, "path_not_found"),
        ("GET", "/files/nothing", 422, "invalid_arguments"),
    ],
)
async def test_what_is_not_there_is_a_problem(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path, json={} if method == "POST" else None)

    assert_problem(answer, status, code)
    assert status != 405 or answer.headers["allow"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/actions/get_kit", "GET, HEAD"),
        ("PUT", "/actions/get_kit", "GET, HEAD"),
        ("DELETE", "/actions/create_kit", "POST"),
        ("PUT", "/health/live", "GET, HEAD"),
        ("PUT", "/actions", "GET, HEAD"),
        ("GET", "/files", "POST"),
        ("POST", "/docs/assets/nothing", "GET, HEAD"),
    ],
)
async def test_what_another_method_is_told_to_be_right_is(
    client: httpx.AsyncClient, method: str, path: str, allow: str
) -> None:
    answer = await client.request(method, path)

    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 415), ("br", 415), ("Identity", 200), ("", 200)])
async def test_compressed_arguments_are_refused_as_such(client: httpx.AsyncClient, encoding: str, status: int) -> None:
    answer = await client.post("/actions/create_space", json={"name": "x"}, headers={"content-encoding": encoding})

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
        (b"[]", 400, "malformed_json"),
        (b"null", 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b"[" * 100_000, 422, "json_too_deep"),
        (b'{"name": "\\ud800"}', 400, "malformed_json"),
        (b'{"name": "a\\u0000canary"}', 422, "invalid_arguments"),
        (b'{"name": Infinity, "canary": 1}', 422, "invalid_arguments"),
        (b'{"name": ["canary"]}', 422, "invalid_arguments"),
        (b'{"name": "x", "space_id": "canary"}', 422, "invalid_arguments"),
        (b'{"nam": "canary"}', 422, "invalid_arguments"),
        (b'{"name": "%s"}' % (b"canary" * 100), 422, "invalid_arguments"),
    ],
)
async def test_wrong_arguments_are_named_and_never_repeated(
    client: httpx.AsyncClient, body: bytes, status: int, code: str
) -> None:
    answer = await client.post("/actions/create_space", content=body, headers={"content-type": "application/json"})

    document = assert_problem(answer, status, code)
    values = json.dumps([error["detail"] for error in document.get("errors", [])])
    assert "canary" not in values
    assert '"canarycanary' not in answer.text


async def test_all_that_is_wrong_is_said_at_once(client: httpx.AsyncClient) -> None:
    answer = await client.post("/actions/create_kit", json={"space_id": 5, "name": "", "visibility": "x", "y~/z": 1})

    pointers = [error["pointer"] for error in assert_problem(answer, 422, "invalid_arguments")["errors"]]
    assert pointers == ["/space_id", "/name", "/visibility", "/y~0~1z"]


async def test_arguments_come_as_json_and_within_bounds(client: httpx.AsyncClient) -> None:
    form = await client.post("/actions/create_space", data={"name": "x"})
    large = await client.post("/actions/create_space", json={"name": "x" * 2_000_000})

    async def chunks() -> Any:
        for _ in range(40):
            yield b" " * 65_536

    chunked = await client.post(
        "/actions/create_space", content=chunks(), headers={"content-type": "application/json; charset=utf-8"}
    )
    assert_problem(form, 415, "unsupported_media_type")
    assert_problem(large, 413, "body_too_large")
    assert assert_problem(chunked, 413, "body_too_large")["limit"] == 1024 * 1024


async def test_of_two_that_take_a_name_at_once_one_succeeds(client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    for number in range(10):
        body = {"space_id": space["id"], "name": f"Kit {number}"}
        answers = await asyncio.gather(*(client.post("/actions/create_kit", json=body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_an_edit_of_what_changed_meanwhile_is_refused(client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")
    edit = {"kit_id": kit["id"], "expected_version": 1}
    renamed = await made(client, "rename_kit", **edit, name="Brand 2")

    late = await client.post("/actions/rename_kit", json={**edit, "name": "Brand 3"})

    assert renamed["version"] == 2
    assert assert_problem(late, 412, "version_mismatch")["current_version"] == 2


async def test_a_key_is_honoured_with_and_without_quotes(client: httpx.AsyncClient) -> None:
    first = await client.post("/actions/create_space", json={"name": "x"}, headers={"idempotency-key": '"k 1"'})
    again = await client.post("/actions/create_space", json={"name": "x"}, headers={"idempotency-key": "k 1"})
    malformed = await client.post("/actions/create_space", json={"name": "y"}, headers={"idempotency-key": "x" * 256})

    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert_problem(malformed, 400, "malformed_idempotency_key")


async def test_a_stranger_cannot_tell_what_exists(service: Service, client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")
    async with client_of(service, "stranger") as stranger:
        seen = await stranger.get("/actions/get_kit", params={"kit_id": kit["id"]})
        unseen = await stranger.get("/actions/get_kit", params={"kit_id": str(uuid4())})

    documents = [assert_problem(answer, 404, "entity_not_found") for answer in (seen, unseen)]
    for document in documents:
        del document["id"], document["trace_id"]
    assert documents[0] == documents[1]


async def test_a_member_s_role_decides_until_it_is_taken_away(service: Service, client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    await made(client, "add_member", space_id=space["id"], actor="ada", role="viewer")
    body = {"space_id": space["id"], "name": "Hers"}
    async with client_of(service, "ada") as ada:
        assert (await ada.get("/actions/list_kits", params={"space_id": space["id"]})).status_code == 200
        assert_problem(await ada.post("/actions/create_kit", json=body), 403, "permission_missing")
        await made(client, "remove_member", space_id=space["id"], actor="ada")
        assert_problem(await ada.post("/actions/create_kit", json=body), 404, "entity_not_found")


async def test_a_file_is_for_who_brought_it_and_who_may_see_what_holds_it(
    service: Service, client: httpx.AsyncClient
) -> None:
    file = (await client.post("/files", content=SVG)).json()
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")
    section = await made(client, "add_section", kit_id=kit["id"], name="Icons")
    async with client_of(service, "ada") as ada:
        path = f"/files/{file['sha256']}"
        assert_problem(await ada.get(path), 404, "file_not_stored")
        await made(client, "add_member", space_id=space["id"], actor="ada", role="editor")
        assert_problem(await ada.get(path), 404, "file_not_stored")
        body = {"section_id": section["id"], "name": "a.svg", "file": file["sha256"]}
        assert_problem(await ada.post("/actions/add_asset", json=body), 404, "file_not_stored")
        await made(client, "add_asset", **body)
        found = await ada.get(path)

    assert found.content == SVG
    assert found.headers["content-type"] == "image/svg+xml"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in found.headers["content-security-policy"]
    assert file == {"sha256": file["sha256"], "size": len(SVG), "media_type": "image/svg+xml"}


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "file_refused"),
        (b"<html><script>alert(1)</script></html>", 422, "file_refused"),
        (SVG.replace(b"<path", b"<script/><path"), 422, "file_refused"),
        (b"\x89PNG\r\n\x1a\nnot really", 422, "file_refused"),
        (b"x" * (33 * 1024 * 1024), 413, "file_too_large"),
    ],
)
async def test_what_is_no_safe_image_is_refused(
    client: httpx.AsyncClient, content: bytes, status: int, code: str
) -> None:
    assert_problem(await client.post("/files", content=content, headers={"content-type": "image/png"}), status, code)


async def test_what_replaces_a_provider_reaches_the_action(service: Service) -> None:
    app, repo = create_app(service), MemoryRepo()
    app.dependency_overrides[provide_repo] = lambda: repo
    app.dependency_overrides[provide_checkpoint] = OpenCheckpoint
    headers = {"authorization": f"Bearer {token_of(service)}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x", headers=headers) as client:
        answer = await client.post("/actions/create_kit", json={"space_id": str(uuid4()), "name": "Red"})

    assert (await repo.get(Kit, UUID(answer.json()["id"]))).name == "Red"
    assert await repo.count(Member) == 0


async def test_health_is_said_to_anybody(client: httpx.AsyncClient) -> None:
    del client.headers["authorization"]

    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert (await client.get("/health/ready")).json() == {"status": "ready"}


async def test_the_documentation_needs_no_internet_access(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text

    sources = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert sources
    for source in sources:
        assert source.startswith("/"), source
        assert (await client.get(source)).status_code == 200


async def test_each_action_is_an_operation_of_the_document(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    listed = {item["name"]: item for item in (await client.get("/actions")).json()["items"]}

    operations = {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    for name, item in listed.items():
        method, path, operation = operations[name]
        assert (method, path) == (item["method"], item["path"])
        assert operation["summary"]
        assert "200" in operation["responses"]
    assert "/actions/{name}" not in document["paths"]
    assert "find_file" not in operations
    taken = operations["create_kit"][2]["responses"]["409"]
    assert "KitNameTaken" in json.dumps(taken)


async def test_every_reference_of_the_document_is_defined(client: httpx.AsyncClient) -> None:
    text = (await client.get("/openapi.json")).text
    document = json.loads(text)

    referred = set(re.findall(r'"\$ref":\s*"#/components/schemas/([^"]+)"', text))
    assert referred <= document["components"]["schemas"].keys()
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "a\0b"},
        {"sub": ""},
        {"sub": "a b"},
        {"sub": "x" * 201},
        {"sub": 5},
        {"aud": "other"},
        {"exp": 1},
        {"iss": "x"},
    ],
)
async def test_an_odd_token_is_nobodys_though_it_is_signed(client: httpx.AsyncClient, claims: dict[str, Any]) -> None:
    sound = {"iss": "actionbus", "aud": "actionbus", "sub": "ada", "scope": "*", "iat": 1, "exp": 4_000_000_000}
    headers = {"authorization": f"Bearer {jwt.encode(sound | claims, KEY, algorithm='HS256')}"}
    for _ in range(2):  # also when it is remembered
        assert_problem(await client.get("/actions", headers=headers), 401, "unauthenticated")


async def test_a_version_beyond_32_bits_is_a_version_like_any_other(client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")

    answer = await client.post(
        "/actions/rename_kit", json={"kit_id": kit["id"], "name": "x", "expected_version": 2**31}
    )

    assert_problem(answer, 412, "version_mismatch")
