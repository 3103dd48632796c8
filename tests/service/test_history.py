"""What happened, as it is read over HTTP from PostgreSQL."""

from typing import Any

import httpx
import pytest

from service.composition import Service
from tests.conftest import POSTGRES, client_of

pytestmark = POSTGRES

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h{}"/></svg>'
ORDINARY = ("space.*", "kit.*", "section.*", "asset.*", "member.*", "tag.*", "share.*", "change.read", "execution.read")
NOWHERE = "00000000-0000-7000-8000-000000000000"


async def made(client: httpx.AsyncClient, action: str, **arguments: object) -> Any:
    answer = await client.post(f"/actions/{action}", json=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def read(client: httpx.AsyncClient, action: str, **arguments: object) -> Any:
    answer = await client.get(f"/actions/{action}", params={name: str(value) for name, value in arguments.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(client: httpx.AsyncClient, action: str, **arguments: object) -> Any:
    """What the caller is told, but for what tells one request from another."""
    answer = await client.get(f"/actions/{action}", params={name: str(value) for name, value in arguments.items()})
    return {name: said for name, said in answer.json().items() if name not in ("id", "trace_id")}


async def uploaded(client: httpx.AsyncClient, number: int) -> str:
    return str((await client.post("/files", content=SVG.format(number).encode())).json()["sha256"])


def story_of(page: Any) -> list[tuple[str, str, list[tuple[str, object, object]]]]:
    return [
        (item["action"], item["actor"], [(d["field"], d["before"], d["after"]) for d in item["differences"]])
        for item in page["items"]
    ]


async def test_the_history_of_a_kit_reads_as_its_story(service: Service, client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    await made(client, "add_member", space_id=space["id"], actor="ada", role="admin")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")
    async with client_of(service, "ada", *ORDINARY) as ada:
        await made(ada, "rename_kit", kit_id=kit["id"], name="Brand 2027", expected_version=1)
        late = await ada.post("/actions/rename_kit", json={"kit_id": kit["id"], "name": "x", "expected_version": 1})
        await made(ada, "set_kit_visibility", kit_id=kit["id"], visibility="public")
        archived = await made(ada, "archive_kit", kit_id=kit["id"])
    await made(client, "restore_kit", kit_id=kit["id"])

    page = await read(client, "read_changes", kind="kit", id=kit["id"])

    assert late.status_code == 412
    assert story_of(page) == [
        ("create_kit", "owner", [("space_id", None, space["id"]), ("name", None, "Brand"),
                                 ("visibility", None, "private")]),
        ("rename_kit", "ada", [("name", "Brand", "Brand 2027")]),
        ("set_kit_visibility", "ada", [("visibility", "private", "public")]),
        ("archive_kit", "ada", [("archived_at", None, archived["archived_at"])]),
        ("restore_kit", "owner", [("archived_at", archived["archived_at"], None)]),
    ]  # fmt: skip
    assert [item["after"]["version"] for item in page["items"]] == [1, 2, 3, 4, 5]
    assert (page["items"][3]["after"], page["items"][0]["after"]) == (archived, kit)


async def test_the_history_of_an_asset_reads_as_its_story(client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")
    icons, logos = [await made(client, "add_section", kit_id=kit["id"], name=name) for name in ("Icons", "Logos")]
    first, second = await uploaded(client, 1), await uploaded(client, 22)
    asset = await made(client, "add_asset", section_id=icons["id"], name="a.svg", file=first)
    await made(client, "rename_asset", asset_id=asset["id"], name="b.svg", expected_version=1)
    await made(client, "tag_asset", asset_id=asset["id"], tag="navigation")
    await made(client, "move_asset", asset_id=asset["id"], section_id=logos["id"])
    await made(client, "untag_asset", asset_id=asset["id"], tag="navigation")
    await made(client, "replace_asset", asset_id=asset["id"], file=second, expected_version=3)
    removed = (await made(client, "remove_asset", asset_id=asset["id"]))["removed_at"]
    await made(client, "restore_asset", asset_id=asset["id"])

    story = story_of(await read(client, "read_changes", kind="asset", id=asset["id"]))

    assert [(action, fields) for action, _, fields in story[1:]] == [
        ("rename_asset", [("name", "a.svg", "b.svg")]),
        ("tag_asset", [("tag", None, "navigation")]),
        ("move_asset", [("section_id", icons["id"], logos["id"])]),
        ("untag_asset", [("tag", "navigation", None)]),
        ("replace_asset", [("sha256", first, second), ("size", asset["size"], asset["size"] + 1)]),
        ("remove_asset", [("removed_at", None, removed)]),
        ("restore_asset", [("removed_at", removed, None)]),
    ]
    assert story[0][0] == "add_asset"
    assert ("sha256", None, first) in story[0][2]


async def test_what_is_gone_is_told_to_members_and_to_nobody_else(service: Service, client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")
    section = await made(client, "add_section", kit_id=kit["id"], name="Icons")
    await made(client, "remove_section", section_id=section["id"], assets="trash")

    page = await read(client, "read_changes", kind="section", id=section["id"])
    async with client_of(service, "stranger") as stranger:
        told = [await refused(stranger, "read_changes", kind="section", id=each) for each in (section["id"], NOWHERE)]

    assert (page["items"][-1]["action"], page["items"][-1]["after"]) == ("remove_section", None)
    assert told[0] == told[1]
    assert told[0]["code"] == "entity_not_found"


async def test_pages_of_a_history_follow_each_other(client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Kit 0")
    for number in range(1, 5):
        await made(client, "rename_kit", kit_id=kit["id"], name=f"Kit {number}", expected_version=number)

    asked = {"kind": "kit", "id": kit["id"], "limit": 3}
    first = await read(client, "read_changes", **asked)
    second = await read(client, "read_changes", **asked, cursor=first["next_cursor"])

    names = [[item["after"]["name"] for item in page["items"]] for page in (first, second)]
    assert names == [["Kit 0", "Kit 1", "Kit 2"], ["Kit 3", "Kit 4"]]
    assert second["next_cursor"] is None


async def test_the_ledger_of_a_space_is_for_its_editors(service: Service, client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    for actor, role in (("ada", "editor"), ("vic", "viewer")):
        await made(client, "add_member", space_id=space["id"], actor=actor, role=role)
    async with client_of(service, "ada", *ORDINARY) as ada:
        await made(ada, "create_kit", space_id=space["id"], name="Brand")
        await ada.post("/actions/create_kit", json={"space_id": space["id"], "name": "Brand"})
        await made(ada, "create_space", name="Hers")
        whole = await read(ada, "list_executions", space_id=space["id"])
        rejected = await read(ada, "list_executions", space_id=space["id"], state="rejected")
        own = await read(ada, "list_executions")
        detail = await read(ada, "get_execution", execution_id=rejected["items"][0]["id"])
        of_the_owner = await read(ada, "get_execution", execution_id=whole["items"][-1]["id"])

    assert [(item["action"], item["actor"], item["state"], item["problem_code"]) for item in whole["items"]] == [
        ("create_kit", "ada", "rejected", "kit_name_taken"),
        ("create_kit", "ada", "succeeded", None),
        ("add_member", "owner", "succeeded", None),
        ("add_member", "owner", "succeeded", None),
        ("create_space", "owner", "succeeded", None),
    ]
    assert rejected["items"] == whole["items"][:1]
    assert [item["action"] for item in own["items"]] == ["create_space", "create_kit", "create_kit"]
    assert (detail["arguments"]["name"], detail["output"]) == ("Brand", None)
    assert (detail["problem"]["code"], detail["problem"]["members"]["name"]) == ("kit_name_taken", "Brand")
    assert of_the_owner["output"] == space

    async with client_of(service, "vic", *ORDINARY) as vic:
        assert (await refused(vic, "list_executions", space_id=space["id"]))["code"] == "permission_missing"
        assert (await read(vic, "list_executions"))["items"] == []
        told = [await refused(vic, "get_execution", execution_id=each) for each in (detail["id"], NOWHERE)]
    async with client_of(service, "stranger", *ORDINARY) as stranger:
        told += [await refused(stranger, "get_execution", execution_id=each) for each in (detail["id"], NOWHERE)]
        spaces = [await refused(stranger, "list_executions", space_id=each) for each in (space["id"], NOWHERE)]
        assert (await refused(stranger, "list_executions", everybody="true"))["code"] == "scope_missing"
    assert told == [told[0]] * 4
    assert (told[0]["code"], spaces[0]) == ("entity_not_found", spaces[1])


async def test_an_operator_sees_all_of_the_ledger(service: Service, client: httpx.AsyncClient) -> None:
    space = await made(client, "create_space", name="Design")
    async with client_of(service, "operator", "execution.read", "execution.read_all") as operator:
        everybodys = await read(operator, "list_executions", everybody="true")
        of_space = await read(operator, "list_executions", space_id=space["id"])
        found = await read(operator, "get_execution", execution_id=everybodys["items"][0]["id"])

    assert [item["action"] for item in everybodys["items"]] == ["create_space"]
    assert of_space == everybodys
    assert (found["actor"], found["output"]) == ("owner", space)


@pytest.mark.parametrize("kind", ["invitation", "share"])
async def test_no_token_and_no_hash_of_one_is_told(client: httpx.AsyncClient, service: Service, kind: str) -> None:
    space = await made(client, "create_space", name="Design")
    kit = await made(client, "create_kit", space_id=space["id"], name="Brand")
    if kind == "share":
        link = await made(client, "share_kit", kit_id=kit["id"])
    else:
        link = await made(client, "invite_member", space_id=space["id"], role="viewer")
        async with client_of(service, "ada", *ORDINARY) as ada:
            await made(ada, "accept_invitation", token=link["token"])

    async with client_of(service, "operator", "execution.read", "execution.read_all") as operator:
        newest = (await read(operator, "list_executions", everybody="true"))["items"]
        details = [await read(operator, "get_execution", execution_id=item["id"]) for item in newest]
    page = await read(client, "read_changes", kind=kind, id=link[kind]["id"] if kind in link else link["id"])

    assert details[0]["action"] == ("share_kit" if kind == "share" else "accept_invitation")
    assert link["token"] not in str(details)
    assert {item["after"]["token_hash"] for item in page["items"]} == {"[secret]"}
