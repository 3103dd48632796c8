"""Sections, kits, assets and the trash over HTTP, on PostgreSQL."""

import asyncio
from collections import Counter
from random import Random
from typing import Any, TypeAlias

import httpx
from sqlalchemy import text

from adapters.postgres.tables import TABLES
from service.composition import Service
from tests.conftest import POSTGRES, client_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h{}"/></svg>'
ACTIONABLE = {
    "asset_name_taken", "asset_not_removed", "asset_removed", "entity_not_found", "section_name_taken",
    "target_missing", "version_mismatch",
}  # fmt: skip
Asked: TypeAlias = tuple[str, dict[str, object]]


async def made(client: httpx.AsyncClient, action: str, **arguments: object) -> Any:
    answer = await client.post(f"/actions/{action}", json=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def read(client: httpx.AsyncClient, action: str, **arguments: str) -> Any:
    answer = await client.get(f"/actions/{action}", params=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(client: httpx.AsyncClient, action: str, **arguments: object) -> tuple[int, str]:
    answer = await client.post(f"/actions/{action}", json=arguments)
    return answer.status_code, "done" if answer.status_code == 200 else answer.json()["code"]


async def uploaded(client: httpx.AsyncClient, number: int = 1) -> str:
    answer = await client.post("/files", content=SVG.format(number).encode())
    return str(answer.json()["sha256"])


async def stocked(client: httpx.AsyncClient, *names: str, space: str = "Design") -> tuple[Any, list[Any]]:
    """A kit in a space of its own, and sections of these names, each with an asset `arrow.svg`."""
    within = await made(client, "create_space", name=space)
    kit = await made(client, "create_kit", space_id=within["id"], name="Brand")
    sections = [await made(client, "add_section", kit_id=kit["id"], name=name) for name in names]
    for section in sections:
        await made(client, "add_asset", section_id=section["id"], name="arrow.svg", file=await uploaded(client))
    return kit, sections


async def assets_of(client: httpx.AsyncClient, kit: Any, **arguments: str) -> list[Any]:
    page = await read(client, "list_assets", kit_id=kit["id"], **arguments)
    assert page["next_cursor"] is None
    return list(page["items"])


async def names_of(client: httpx.AsyncClient, kit: Any) -> list[str]:
    contents = await read(client, "get_kit", kit_id=kit["id"])
    assert [section["position"] for section in contents["sections"]] == list(range(len(contents["sections"])))
    return [section["name"] for section in contents["sections"]]


@POSTGRES
async def test_sections_are_renamed_moved_and_removed(client: httpx.AsyncClient) -> None:
    kit, (first, second, third) = await stocked(client, "a", "b", "c")

    renamed = await made(client, "rename_section", section_id=first["id"], name="x", expected_version=1)
    order = await made(client, "move_section", section_id=first["id"], position=99)
    await made(client, "remove_section", section_id=second["id"], assets="trash")

    assert renamed == {**first, "name": "x", "version": 2}
    assert [(section["name"], section["position"]) for section in order] == [("b", 0), ("c", 1), ("x", 2)]
    assert await names_of(client, kit) == ["c", "x"]
    moving = {"section_id": third["id"], "assets": "move", "to_section_id": first["id"]}
    assert await told(client, "remove_section", **moving) == (409, "asset_name_taken")
    assert await names_of(client, kit) == ["c", "x"]
    (asset,) = await assets_of(client, kit, section_id=third["id"])
    await made(client, "rename_asset", asset_id=asset["id"], name="bell.svg", expected_version=1)
    await made(client, "remove_section", **moving)
    assert await names_of(client, kit) == ["x"]
    assert [each["name"] for each in await assets_of(client, kit, section_id=first["id"])] == ["arrow.svg", "bell.svg"]


@POSTGRES
async def test_an_asset_is_changed_removed_restored_and_purged(client: httpx.AsyncClient) -> None:
    kit, (logos, icons) = await stocked(client, "Logos", "Icons")
    asset = (await assets_of(client, kit, section_id=logos["id"]))[0]
    of_it = {"asset_id": asset["id"]}

    other = await uploaded(client, 2)
    await made(client, "replace_asset", **of_it, file=other, expected_version=1)
    assert await told(client, "move_asset", **of_it, section_id=icons["id"]) == (409, "asset_name_taken")
    await made(client, "rename_asset", **of_it, name="bell.svg", expected_version=2)
    await made(client, "move_asset", **of_it, section_id=icons["id"])
    found = await read(client, "get_asset", **of_it)
    assert found["tags"] == []
    assert found["asset"] == {
        **asset, "name": "bell.svg", "sha256": other, "section_id": icons["id"], "version": 4,
    }  # fmt: skip

    removed = await made(client, "remove_asset", **of_it)
    assert await assets_of(client, kit, removed="true") == [removed]
    assert asset["id"] not in {each["id"] for each in await assets_of(client, kit)}
    await made(client, "remove_section", section_id=icons["id"], assets="trash")
    assert await told(client, "restore_asset", **of_it) == (409, "section_gone")
    restored = await made(client, "restore_asset", **of_it, section_id=logos["id"])
    assert (restored["removed_at"], restored["section_id"]) == (None, logos["id"])

    await made(client, "remove_asset", **of_it)
    assert await made(client, "empty_trash", kit_id=kit["id"]) == {"assets_removed": 2}
    assert await assets_of(client, kit, removed="true") == []
    assert (await client.get("/actions/get_asset", params=of_it)).status_code == 404


@POSTGRES
async def test_a_file_in_the_trash_is_for_its_uploader_alone(service: Service, client: httpx.AsyncClient) -> None:
    kit, _ = await stocked(client, "Logos")
    (asset,) = await assets_of(client, kit)
    path = f"/files/{asset['sha256']}"
    await made(client, "add_member", space_id=kit["space_id"], actor="ada", role="editor")

    async with client_of(service, "ada") as ada:
        before = await ada.get(path)
        await made(client, "remove_asset", asset_id=asset["id"])
        after = await ada.get(path)

    assert (before.status_code, after.status_code, (await client.get(path)).status_code) == (200, 404, 200)


@POSTGRES
async def test_an_archived_kit_is_only_read_until_it_is_restored(client: httpx.AsyncClient) -> None:
    kit, (section,) = await stocked(client, "Logos")
    (asset,) = await assets_of(client, kit)
    of_kit, of_section, of_asset = {"kit_id": kit["id"]}, {"section_id": section["id"]}, {"asset_id": asset["id"]}
    public = await made(client, "set_kit_visibility", **of_kit, visibility="public")

    archived = await made(client, "archive_kit", **of_kit)

    assert archived == {**public, "version": 3, "archived_at": archived["archived_at"]}
    for action, arguments in {
        "rename_kit": {**of_kit, "name": "x", "expected_version": 3},
        "set_kit_visibility": {**of_kit, "visibility": "private"},
        "add_section": {**of_kit, "name": "x"},
        "rename_section": {**of_section, "name": "x", "expected_version": 1},
        "move_section": {**of_section, "position": 0},
        "remove_section": {**of_section, "assets": "trash"},
        "add_asset": {**of_section, "name": "x.svg", "file": asset["sha256"]},
        "rename_asset": {**of_asset, "name": "x.svg", "expected_version": 1},
        "replace_asset": {**of_asset, "file": asset["sha256"], "expected_version": 1},
        "remove_asset": of_asset,
        "empty_trash": of_kit,
        "archive_kit": of_kit,
    }.items():
        assert await told(client, action, **arguments) == (409, "kit_archived"), action
    assert len(await assets_of(client, kit)) == 1
    listed = {"space_id": kit["space_id"]}
    assert (await read(client, "list_kits", **listed))["items"] == []
    assert (await read(client, "list_kits", **listed, archived="true"))["items"] == [archived]
    restored = await made(client, "restore_kit", **of_kit)
    assert (await read(client, "list_kits", **listed))["items"] == [restored]


@POSTGRES
async def test_nothing_is_left_of_a_space_but_its_history(service: Service, client: httpx.AsyncClient) -> None:
    kit, _ = await stocked(client, "Logos", "Icons")
    of_space = {"space_id": kit["space_id"]}
    await made(client, "add_member", **of_space, actor="ada", role="viewer")
    renamed = await made(client, "rename_space", **of_space, name="Studio", expected_version=1)
    asset, _ = await assets_of(client, kit)
    await made(client, "remove_asset", asset_id=asset["id"])
    assert await told(client, "delete_space", **of_space) == (409, "space_in_use")
    await made(client, "archive_kit", kit_id=kit["id"])

    assert await made(client, "delete_space", **of_space) == renamed

    tables = [table for table in TABLES.values() if "space_id" in table.c or table.name == "spaces"]
    async with service.engine.connect() as connection:
        for table in tables:
            assert (await connection.execute(table.select())).all() == [], table.name
        rows = await connection.execute(
            text("select entity_kind, count(*) from changes where after is null and space_id = :id group by 1"),
            {"id": kit["space_id"]},
        )
        gone = {row[0]: row[1] for row in rows}
    assert gone == {"asset": 2, "section": 2, "kit": 1, "member": 2, "space": 1}


async def all_at_once(client: httpx.AsyncClient, asked: list[Asked]) -> Counter[str]:
    answers = await asyncio.gather(*(told(client, action, **arguments) for action, arguments in asked))
    return Counter(code for _, code in answers)


def edits(kit: Any, sections: list[Any], assets: list[Any]) -> list[Asked]:
    """Fifty edits of one kit that are in each other's way: names go round, sections and assets come and go."""
    of_kit, last = {"kit_id": kit["id"]}, sections[-1]["id"]
    asked: list[Asked] = []
    for number, (section, asset) in enumerate(zip(sections, assets, strict=True)):
        beside, of_section, of_asset = sections[number - 1], {"section_id": section["id"]}, {"asset_id": asset["id"]}
        asked += [
            ("rename_section", {**of_section, "name": beside["name"], "expected_version": section["version"]}),
            ("move_section", {**of_section, "position": 4 - number}),
            ("add_asset", {**of_section, "name": "bell.svg", "file": asset["sha256"]}),
            ("rename_asset", {**of_asset, "name": "bell.svg", "expected_version": 1}),
            ("move_asset", {**of_asset, "section_id": beside["id"]}),
            ("remove_asset", of_asset),
            ("restore_asset", {**of_asset, "section_id": beside["id"]}),
            ("remove_section", {**of_section, "assets": "move", "to_section_id": last}),
            ("add_section", {**of_kit, "name": f"New {number // 2}"}),
            ("empty_trash", of_kit),
        ]
    return asked


@POSTGRES
async def test_fifty_edits_of_a_kit_at_once_leave_it_whole_and_tell_the_losers_why(client: httpx.AsyncClient) -> None:
    for seed in range(3):
        kit, sections = await stocked(client, "a", "b", "c", "d", "e", space=f"Design {seed}")
        asked = edits(kit, sections, await assets_of(client, kit))
        Random(seed).shuffle(asked)

        outcomes = await all_at_once(client, asked)

        assert outcomes["done"] >= 10
        assert outcomes.keys() - {"done"} <= ACTIONABLE
        assert len(asked) == 50
        assert await names_of(client, kit)


@POSTGRES
async def test_what_comes_into_a_space_while_it_is_deleted_is_told_so(client: httpx.AsyncClient) -> None:
    for number in range(5):
        space = await made(client, "create_space", name=f"Design {number}")
        of_space: dict[str, object] = {"space_id": space["id"]}
        asked: list[Asked] = [("create_kit", {**of_space, "name": str(n)}) for n in range(4)]
        asked += [("add_member", {**of_space, "actor": str(n), "role": "viewer"}) for n in range(4)]

        outcomes = await all_at_once(client, [*asked[::2], ("delete_space", of_space), *asked[1::2]])

        assert outcomes.keys() <= {"done", "space_in_use", "entity_not_found", "permission_revoked", "contended"}
