"""Operators' work, and what a space may hold, as HTTP clients meet them."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from service.composition import Service
from service.database import Database
from service.settings import Settings
from tests.conftest import client_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h{}"/></svg>'


async def upload(client: httpx.AsyncClient, number: int) -> str:
    return str((await client.post("/files", content=SVG.format(number).encode())).json()["sha256"])


async def section_of(client: httpx.AsyncClient) -> str:
    space = (await client.post("/actions/create_space", json={"name": "Design"})).json()
    kit = (await client.post("/actions/create_kit", json={"space_id": space["id"], "name": "Brand"})).json()
    section = (await client.post("/actions/add_section", json={"kit_id": kit["id"], "name": "Logos"})).json()
    return str(section["id"])


async def a_day_passes(service: Service) -> None:
    for path in (service.settings.data / "files").glob("??/*"):
        os.utime(path, (0, 0))
    async with service.engine.begin() as connection:
        await connection.execute(text("update uploads set uploaded_at = uploaded_at - interval '25 hours'"))


def stored(data: Path) -> set[str]:
    return {path.name for path in (data / "files").glob("??/*")}


async def test_what_nobody_used_is_swept_up_and_what_is_used_stays(service: Service, client: httpx.AsyncClient) -> None:
    used, unused = await upload(client, 1), await upload(client, 2)
    asset = {"section_id": await section_of(client), "name": "a.svg", "file": used}
    assert (await client.post("/actions/add_asset", json=asset)).status_code == 200
    await a_day_passes(service)
    young = await upload(client, 3)

    async with client_of(service, "operator", "file.sweep") as operator:
        swept = [(await operator.post("/actions/sweep_uploads", json={})).json() for _ in range(3)]

    assert [(each["files_removed"], each["uploads_removed"]) for each in swept] == [(0, 1), (1, 0), (0, 0)]
    assert stored(service.settings.data) == {used, young}
    assert (await client.get(f"/files/{unused}")).status_code == 404
    assert (await client.get(f"/files/{used}")).status_code == 200


async def test_everything_allowed_is_no_operators_right(client: httpx.AsyncClient) -> None:
    refused = await client.post("/actions/sweep_uploads", json={})
    listed = (await client.get("/actions")).json()["items"]

    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert refused.json()["permission"] == "file.sweep"
    assert "sweep_uploads" not in {each["name"] for each in listed}


@pytest.fixture
async def small(settings: Settings, database: Database) -> AsyncIterator[Service]:
    """A service whose spaces hold two assets at most."""
    service = Service(settings.model_copy(update={"max_space_assets": 2}), database)
    yield service
    await service.close()


async def test_a_full_space_says_so_and_takes_more_once_its_trash_is_empty(small: Service) -> None:
    async with client_of(small) as client:
        section_id, file = await section_of(client), await upload(client, 1)
        added = [
            await client.post("/actions/add_asset", json={"section_id": section_id, "name": f"{n}.svg", "file": file})
            for n in range(3)
        ]
        asset = added[0].json()
        await client.post("/actions/remove_asset", json={"asset_id": asset["id"]})
        again = {"section_id": section_id, "name": "again.svg", "file": file}
        while_in_the_trash = await client.post("/actions/add_asset", json=again)
        await client.post("/actions/empty_trash", json={"kit_id": asset["kit_id"]})
        afterwards = await client.post("/actions/add_asset", json=again)
        executions = (await client.get("/actions/list_executions", params={"action": "add_asset"})).json()["items"]

    assert [answer.status_code for answer in added] == [200, 200, 409]
    told = added[2].json()
    assert (told["code"], told["resource"], told["limit"]) == ("quota_exceeded", "assets", 2)
    assert (while_in_the_trash.status_code, afterwards.status_code) == (409, 200)
    assert [each["problem_code"] for each in executions].count("quota_exceeded") == 2
