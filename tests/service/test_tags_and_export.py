"""Tags, one change to many, duplication and export, as a client meets them on PostgreSQL."""

import asyncio
import importlib.util
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest
from sqlalchemy import text

from service.composition import Service
from tests.conftest import client_of

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@dataclass
class Library:
    """A caller, and what they may ask for."""

    client: httpx.AsyncClient
    space_id: str = ""

    async def do(self, action: str, **arguments: object) -> Any:
        answer = await self.client.post(f"/actions/{action}", json=arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def read(self, action: str, **arguments: Any) -> Any:
        answer = await self.client.get(f"/actions/{action}", params=arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, action: str, **arguments: object) -> Any:
        answer = await self.client.post(f"/actions/{action}", json=arguments)
        assert answer.status_code >= 400, answer.text
        return answer.json()["code"]

    async def upload(self, content: bytes) -> str:
        return str((await self.client.post("/files", content=content)).json()["sha256"])

    async def download(self, sha256: str) -> bytes:
        answer = await self.client.get(f"/files/{sha256}")
        assert answer.status_code == 200, answer.text
        return answer.content

    async def kit(self, name: str) -> str:
        return str((await self.do("create_kit", space_id=self.space_id, name=name))["id"])

    async def section(self, kit_id: str, *, name: str = "Logos", assets: int = 0) -> tuple[str, list[str]]:
        section = await self.do("add_section", kit_id=kit_id, name=name)
        file = await self.upload(SVG)
        added = [
            await self.do("add_asset", section_id=section["id"], name=f"{number}.svg", file=file)
            for number in range(assets)
        ]
        return section["id"], [asset["id"] for asset in added]

    async def tags(self) -> dict[str, int]:
        page = await self.read("list_tags", space_id=self.space_id)
        return {use["tag"]["name"]: use["asset_count"] for use in page["items"]}

    async def assets(self, kit_id: str, **more: object) -> list[Any]:
        items: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.read("list_assets", kit_id=kit_id, limit=200, **cursor, **more)
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = {"cursor": page["next_cursor"]}


@pytest.fixture
async def library(client: httpx.AsyncClient) -> Library:
    made = Library(client)
    made.space_id = (await made.do("create_space", name="Design"))["id"]
    return made


def heroicons() -> bytes:
    found = importlib.util.find_spec("heroicons")
    assert found
    assert found.origin
    return Path(found.origin).with_name("heroicons.zip").read_bytes()


def unpacked(archive: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


async def test_tags_come_are_counted_renamed_and_go(library: Library) -> None:
    _, (first, second) = await library.section(await library.kit("Brand"), assets=2)
    tag = await library.do("tag_asset", asset_id=first, tag="blue")
    assert await library.do("tag_asset", asset_id=first, tag=" blue ") == tag
    await library.do("tag_asset", asset_id=second, tag="blue")
    await library.do("tag_asset", asset_id=second, tag="red")
    assert await library.tags() == {"blue": 2, "red": 1}

    taken = {"tag_id": tag["id"], "name": "red", "expected_version": 1}
    assert await library.refused("rename_tag", **taken) == "tag_name_taken"
    renamed = await library.do("rename_tag", **taken | {"name": "azure"})
    assert (renamed["name"], renamed["version"]) == ("azure", 2)
    assert await library.refused("rename_tag", **taken | {"name": "green"}) == "version_mismatch"
    assert await library.do("untag_asset", asset_id=second, tag="azure") == renamed
    assert await library.refused("untag_asset", asset_id=second, tag="azure") == "not_tagged"
    assert await library.tags() == {"azure": 1, "red": 1}


async def test_twenty_who_tag_with_one_new_word_at_once_share_it(library: Library) -> None:
    kits = [await library.kit(name) for name in ("A", "B")]
    assets = [asset for kit_id in kits for asset in (await library.section(kit_id, assets=5))[1]]

    tags = await asyncio.gather(*(library.do("tag_asset", asset_id=asset, tag="new") for asset in assets * 2))

    assert len({tag["id"] for tag in tags}) == 1
    assert await library.tags() == {"new": 10}


async def test_who_tags_while_another_makes_the_tag_waits_and_uses_it(library: Library, service: Service) -> None:
    _, (asset,) = await library.section(await library.kit("Brand"), assets=1)
    made, waiting = UUID(int=7), "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"

    async with service.engine.begin() as other, service.engine.connect() as watching:
        await other.execute(
            text("insert into tags (id, version, space_id, name) values (:id, 1, :space_id, 'blue')"),
            {"id": made, "space_id": library.space_id},
        )
        tagging = asyncio.create_task(library.do("tag_asset", asset_id=asset, tag="blue"))
        async with asyncio.timeout(10):
            while not await watching.scalar(text(waiting)):
                await watching.rollback()  # what a transaction sees of activity stays as it was
                await asyncio.sleep(0.01)
        assert not tagging.done()

    assert (await tagging)["id"] == str(made)
    assert await library.tags() == {"blue": 1}


async def test_one_problem_among_many_undoes_that_one_alone(library: Library, service: Service) -> None:
    kit = await library.kit("Brand")
    target, (there,) = await library.section(kit, name="Icons", assets=1)
    _, assets = await library.section(kit, assets=3)
    missing = str(UUID(int=1))

    moved = await library.do("update_assets", asset_ids=[assets[1], missing, assets[0]], section_id=target)
    assert [(result["asset_id"], result["ok"], result["code"]) for result in moved] == [
        (assets[1], True, None),
        (missing, False, "entity_not_found"),
        (assets[0], False, "asset_name_taken"),
    ]
    assert {asset["id"] for asset in await library.assets(kit, section_id=target)} == {there, assets[1]}

    assert all(result["ok"] for result in await library.do("update_assets", asset_ids=assets, add_tag="blue"))
    assert await library.tags() == {"blue": 3}
    await library.do("update_assets", asset_ids=assets[:1], remove_tag="blue")
    again = await library.do("update_assets", asset_ids=assets, remove_tag="blue")
    assert [result["code"] for result in again] == ["not_tagged", None, None]
    removed = await library.do("update_assets", asset_ids=[*assets, assets[0]], remove=True)
    assert [result["ok"] for result in removed] == [True, True, True]
    assert [asset["id"] for asset in await library.assets(kit)] == [there]
    assert await library.refused("update_assets", asset_ids=assets) == "not_one_change"

    async with client_of(service, "stranger") as other:
        results = await Library(other).do("update_assets", asset_ids=[there, missing], add_tag="mine")
    assert [(result["code"], result["title"]) for result in results] == [
        ("entity_not_found", "There is no such thing, or you may not see it.")
    ] * 2
    assert await library.tags() == {"blue": 0}


async def test_many_who_change_assets_of_several_kits_in_other_orders_all_succeed(library: Library) -> None:
    sections = [(await library.section(await library.kit(name)))[0] for name in ("A", "B", "C")]
    file, assets = await library.upload(SVG), []
    for number in range(12):
        section = sections[number % 3]
        added = await library.do("add_asset", section_id=section, name=f"{number}.svg", file=file)
        assets.append(added["id"])
    asked = [assets[n % 3 :: 1 + n % 2] for n in range(12)] + [assets[::-1]] * 3

    all_results = await asyncio.gather(
        *(library.do("update_assets", asset_ids=ids, add_tag=f"tag {n % 3}") for n, ids in enumerate(asked))
    )

    assert all(result["ok"] for results in all_results for result in results)
    assert await library.tags() == {"tag 0": 12, "tag 1": 12, "tag 2": 12}


async def test_five_hundred_are_changed_at_once_and_no_more(library: Library) -> None:
    ids = [str(UUID(int=number)) for number in range(501)]

    results = await library.do("update_assets", asset_ids=ids[:500], add_tag="new")

    assert [(result["asset_id"], result["code"]) for result in results] == [
        (id_, "entity_not_found") for id_ in ids[:500]
    ]
    assert await library.tags() == {}
    assert await library.refused("update_assets", asset_ids=ids, add_tag="new") == "invalid_arguments"


async def test_a_kit_survives_export_and_import_whole(library: Library, service: Service) -> None:
    kit = await library.kit("Icons")
    await library.do("import_assets", kit_id=kit, archive=await library.upload(heroicons()))
    await library.do("add_section", kit_id=kit, name="Empty: for now")
    ids = [asset["id"] for asset in await library.assets(kit)]
    await library.do("update_assets", asset_ids=ids[::7], add_tag="seventh")
    await library.do("update_assets", asset_ids=ids[::5][:200], add_tag="fünfte / 5")
    copy = await library.do("duplicate_kit", kit_id=kit, name="Icons, too")
    await library.do("update_assets", asset_ids=ids[:3], remove=True)

    first = await library.do("export_kit", kit_id=kit)
    assert await library.do("export_kit", kit_id=kit) == first
    files = unpacked(await library.download(first["sha256"]))
    assert len(files) == 1 + 1288 - 3
    assert len(unpacked(await library.download((await library.do("export_kit", kit_id=copy["id"]))["sha256"]))) == 1289

    other = await library.kit("Again")
    report = await library.do("import_assets", kit_id=other, archive=first["sha256"])
    assert report == {"sections_added": 5, "assets_added": 1285, "skipped": {}}
    second = unpacked(await library.download((await library.do("export_kit", kit_id=other))["sha256"]))
    told, again_told = json.loads(files.pop("manifest.json")), json.loads(second.pop("manifest.json"))
    assert again_told == told | {"kit": "Again"}
    assert second == files
    contents = await library.read("get_kit", kit_id=other)
    assert [section["name"] for section in contents["sections"]] == told["sections"]

    async with client_of(service, "somebody") as elsewhere:
        theirs = Library(elsewhere)
        theirs.space_id = (await theirs.do("create_space", name="Elsewhere"))["id"]
        assert (await theirs.client.get(f"/files/{first['sha256']}")).status_code == 404
        archive = await theirs.upload(await library.download(first["sha256"]))
        same = await theirs.kit("Icons")
        await theirs.do("import_assets", kit_id=same, archive=archive)
        assert await theirs.do("export_kit", kit_id=same) == first
        assert await theirs.tags() == {"fünfte / 5": 199, "seventh": 183}


async def test_a_duplicate_stands_by_itself(library: Library) -> None:
    kit = await library.kit("Brand")
    _, (asset,) = await library.section(kit, assets=1)
    await library.do("tag_asset", asset_id=asset, tag="blue")

    copy = await library.do("duplicate_kit", kit_id=kit, name="Copy")
    await library.do("untag_asset", asset_id=asset, tag="blue")
    await library.do("remove_asset", asset_id=asset)

    assert [each["name"] for each in await library.assets(copy["id"])] == ["0.svg"]
    assert await library.tags() == {"blue": 1}
    assert await library.refused("duplicate_kit", kit_id=kit, name="Copy") == "kit_name_taken"
