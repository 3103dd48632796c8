"""Who the actors are, as answers and the ledger tell it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from service.composition import Service
from service.http.app import create_app
from tests.conftest import client_of


def known_as(service: Service, actor: str, **said: Any) -> httpx.AsyncClient:
    """The client of somebody whose token says who they are."""
    token = service.tokens.token(actor=actor, scopes=["*"], at=datetime.now(UTC), lifetime=timedelta(minutes=5), **said)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(service)),
        base_url="http://actionbus.test",
        headers={"authorization": f"Bearer {token}"},
    )


async def actors(service: Service) -> dict[str, tuple[str, str | None]]:
    async with service.engine.connect() as connection:
        rows = await connection.execute(text("select subject, kind, display_name from actors"))
        return {row.subject: (row.kind, row.display_name) for row in rows}


async def test_people_and_services_are_known_from_their_first_call_on(service: Service) -> None:
    async with known_as(service, "ada", name="Ada Lovelace") as ada, known_as(service, "robot", kind="service") as bot:
        await ada.get("/actions/list_spaces")
        await bot.post("/actions/create_space", json={"name": "Machines"})
        await ada.get("/actions/list_spaces")

    assert await actors(service) == {"ada": ("person", "Ada Lovelace"), "robot": ("service", None)}


async def test_a_name_that_is_none_is_left_out(service: Service) -> None:
    async with known_as(service, "ada", name="\u202e" * 3) as ada:
        await ada.get("/actions/list_spaces")

    assert await actors(service) == {"ada": ("person", None)}


async def test_members_executions_and_changes_are_told_with_names(service: Service) -> None:
    async with known_as(service, "ada", name="Ada Lovelace") as ada:
        space = (await ada.post("/actions/create_space", json={"name": "Design"})).json()
        members = (await ada.get("/actions/list_members", params={"space_id": space["id"]})).json()["items"]
        executions = (await ada.get("/actions/list_executions")).json()["items"]
        changes = (await ada.get("/actions/read_changes", params={"kind": "space", "id": space["id"]})).json()["items"]

    assert [(each["actor"], each["actor_name"], each["actor_kind"]) for each in members] == [
        ("ada", "Ada Lovelace", "person")
    ]
    assert [(each["action"], each["actor_name"]) for each in executions] == [("create_space", "Ada Lovelace")]
    assert [each["actor_name"] for each in changes] == ["Ada Lovelace"]


async def test_a_new_name_is_told_from_then_on(service: Service) -> None:
    for name in ("Ada Byron", "Ada Lovelace"):
        async with known_as(service, "ada", name=name) as ada:
            await ada.post("/actions/create_space", json={"name": f"Space of {name}"})

    async with client_of(service, "ada") as ada:
        executions = (await ada.get("/actions/list_executions")).json()["items"]

    assert {each["actor_name"] for each in executions} == {"Ada Lovelace"}
