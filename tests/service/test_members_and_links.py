"""Memberships and links as HTTP clients meet them, several at once, and what is left of a token: nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from adapters.memory.logger import MemoryLogger
from ports.sharing import hash_of
from service.composition import Service
from service.http.app import create_app
from service.http.providers import provide_logger
from tests.conftest import client_of, token_of

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1"/></svg>'
WAITING = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
TABLES = "select table_name from information_schema.tables where table_schema = 'public'"


@dataclass
class Team:
    """A space with a kit, and its people by name, each with a client of their own."""

    service: Service
    people: dict[str, httpx.AsyncClient]
    space_id: str = ""
    kit_id: str = ""

    async def act(self, who: str, action: str, **arguments: object) -> httpx.Response:
        return await self.people[who].post(f"/actions/{action}", json=arguments)

    async def done(self, who: str, action: str, **arguments: object) -> Any:
        answer = await self.act(who, action, **arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def opened(self, token: str, **asked: object) -> httpx.Response:
        """What whoever holds a link is answered."""
        app = httpx.ASGITransport(create_app(self.service))
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=app, base_url="http://actionbus.test", headers=headers) as holder:
            return await holder.get("/actions/open_share", params={name: str(value) for name, value in asked.items()})

    async def add(self, **roles: str) -> None:
        for actor, role in roles.items():
            await self.done("owner", "add_member", space_id=self.space_id, actor=actor, role=role)

    async def roles(self) -> dict[str, str]:
        sql = "select actor, role from members where space_id = cast(:space_id as uuid)"
        return {actor: role for actor, role in await self.rows(sql, space_id=self.space_id)}  # noqa: C416 - for its types

    async def rows(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        async with self.service.engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(sql), values)]

    @asynccontextmanager
    async def locked(self, sql: str) -> AsyncIterator[None]:
        async with self.service.engine.begin() as connection:
            await connection.execute(text(f"{sql} for update"))
            yield

    async def somebody_waits(self) -> None:
        async with asyncio.timeout(5):
            while not await self.rows(WAITING):
                await asyncio.sleep(0.005)


@pytest.fixture
async def team(service: Service) -> AsyncIterator[Team]:
    async with AsyncExitStack() as stack:
        names = ("owner", "ada", "bob", "stranger")
        people = {name: await stack.enter_async_context(client_of(service, name)) for name in names}
        made = Team(service, people)
        made.space_id = (await made.done("owner", "create_space", name="Design"))["id"]
        made.kit_id = (await made.done("owner", "create_kit", space_id=made.space_id, name="Brand"))["id"]
        yield made


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_life_in_a_space(team: Team) -> None:
    space = {"space_id": team.space_id}
    offered = await team.done("owner", "invite_member", **space, role="editor")
    joined = await team.done("ada", "accept_invitation", token=offered["token"])
    changed = await team.done("owner", "change_member_role", **space, actor="ada", role="viewer", expected_version=1)
    owner = await team.done("owner", "transfer_ownership", **space, actor="ada")
    refused = await team.act("ada", "leave_space", **space)
    left = await team.done("owner", "leave_space", **space)
    listed = (await team.people["ada"].get("/actions/list_members", params=space)).json()

    assert (joined["actor"], joined["role"]) == ("ada", "editor")
    assert (changed["role"], changed["version"]) == ("viewer", 2)
    assert (owner["role"], owner["version"]) == ("owner", 3)
    assert told(refused) == (409, "owner_stays")
    assert (left["actor"], left["role"]) == ("owner", "admin")
    named = {**owner, "actor_name": None, "actor_kind": "person"}
    assert listed == {"items": [named], "next_cursor": None}
    assert (await team.people["owner"].get("/actions/list_members", params=space)).status_code == 404


async def test_who_joined_is_on_the_record_of_the_space(team: Team) -> None:
    offered = await team.done("owner", "invite_member", space_id=team.space_id, role="editor")
    await team.done("ada", "accept_invitation", token=offered["token"])

    found = await team.rows("select actor, space_id::text from executions where action = 'accept_invitation'")
    assert found == [("ada", team.space_id)]


async def test_who_holds_a_link_opens_its_kit_and_nothing_else(team: Team) -> None:
    file = (await team.people["owner"].post("/files", content=SVG)).json()["sha256"]
    section = await team.done("owner", "add_section", kit_id=team.kit_id, name="Logos")
    assets = [
        await team.done("owner", "add_asset", section_id=section["id"], name=f"{n}.svg", file=file) for n in range(3)
    ]
    made = await team.done("owner", "share_kit", kit_id=team.kit_id, valid_days=1)

    first = (await team.opened(made["token"], limit=2)).json()
    second = (await team.opened(made["token"], limit=2, cursor=first["assets"]["next_cursor"])).json()

    assert (first["kit"]["id"], first["sections"]) == (team.kit_id, [section])
    shown = [asset | {"added_by": None} for asset in assets]  # who that was, members know alone
    assert first["assets"]["items"] + second["assets"]["items"] == shown
    assert second["assets"]["next_cursor"] is None
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(team.service)),
        base_url="http://actionbus.test",
        headers={"authorization": f"Bearer {made['token']}"},
    ) as holder:
        assert (await holder.get(f"/files/{file}")).content == SVG
        assert (await holder.get(f"/files/{'0' * 64}")).status_code == 404
        assert [each["name"] for each in (await holder.get("/actions")).json()["items"]] == ["open_share"]
        for action in ("get_kit", "list_shares"):
            asked = await holder.get(f"/actions/{action}", params={"kit_id": team.kit_id})
            assert told(asked) == (403, "scope_missing")
        assert (await holder.post("/files", content=SVG)).status_code == 403
        assert told(await holder.post("/actions/create_space", json={"name": "Mine"})) == (403, "scope_missing")
    assert (await team.people["stranger"].get(f"/files/{file}")).status_code == 404
    assert await team.rows("select 1 from actors where subject like 'share:%'") == []


async def test_a_link_opens_nothing_once_it_is_revoked_or_the_kit_archived(team: Team) -> None:
    links = [await team.done("owner", "share_kit", kit_id=team.kit_id) for _ in range(2)]

    revoked = await team.done("owner", "revoke_share", share_id=links[0]["share"]["id"])
    assert revoked["revoked_at"]
    assert told(await team.opened(links[0]["token"])) == (404, "link_not_valid")
    assert (await team.opened(links[1]["token"])).status_code == 200
    assert (await team.opened(links[1]["token"] + "x")).status_code == 401

    listed = [
        (await team.people["owner"].get("/actions/list_shares", params={"kit_id": team.kit_id} | which)).json()["items"]
        for which in ({}, {"revoked": "true"})
    ]
    assert listed == [[links[1]["share"]], [revoked]]

    async with team.service.engine.begin() as connection:
        await connection.execute(text("update kits set archived_at = now()"))
    assert told(await team.opened(links[1]["token"])) == (404, "link_not_valid")
    assert told(await team.act("owner", "share_kit", kit_id=team.kit_id)) == (409, "kit_archived")


async def test_no_token_is_on_any_record(team: Team) -> None:
    log = MemoryLogger()
    app = create_app(team.service)
    app.dependency_overrides[provide_logger] = lambda: log
    for name, old in team.people.items():
        headers = {"authorization": f"Bearer {token_of(team.service, name)}"}
        await old.aclose()
        team.people[name] = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://actionbus.test", headers=headers
        )

    offered = await team.done("owner", "invite_member", space_id=team.space_id, role="editor")
    shared = await team.done("owner", "share_kit", kit_id=team.kit_id)
    tokens = [offered["token"], shared["token"]]
    await team.done("ada", "accept_invitation", token=offered["token"])
    assert (await team.opened(shared["token"])).status_code == 200
    answers = [
        await team.act("bob", action, **arguments)
        for token in tokens
        for action, arguments in (
            ("accept_invitation", {"token": token}),
            ("accept_invitation", {"token": [token]}),
            ("accept_invitation", {"tokn": token}),
            ("accept_invitation", {"token": token, "role": token}),
            ("open_shares", {"token": token}),
        )
    ]
    await team.done("owner", "revoke_share", share_id=shared["share"]["id"])
    answers.append(await team.opened(shared["token"]))

    kept = [row[0] for (table,) in await team.rows(TABLES) for row in await team.rows(f"select t::text from {table} t")]
    submitted = [record["action"] for record in log.records if record["event"] == "action.submitted"]
    assert submitted.count("accept_invitation") == 1 + 2 * 4
    assert any(hash_of(offered["token"]) in row for row in kept), "the rows that were looked through are these"
    assert {answer.status_code for answer in answers} == {404, 422}
    for token in tokens:
        assert token not in repr(log.records)
        assert not any(token in row for row in kept)
        assert not any(token in answer.text for answer in answers)
    executions = await team.rows("select action, arguments::text, output from executions")
    assert {output for action, _, output in executions if action in ("invite_member", "share_kit")} == {None}
    assert {sent for action, sent, _ in executions if action == "accept_invitation"} == {'{"token": "[secret]"}'}
    answered = [output for *_, output in executions if output]
    assert not any(hash_of(token) in output for token in tokens for output in answered)


@pytest.mark.parametrize("action", ["invite_member", "accept_invitation", "share_kit"])
async def test_what_is_secret_is_not_kept_for_a_replay(team: Team, action: str) -> None:
    sent = {
        "invite_member": {"space_id": team.space_id, "role": "viewer"},
        "accept_invitation": {"token": "x"},
        "share_kit": {"kit_id": team.kit_id},
    }

    answer = await team.people["owner"].post(
        f"/actions/{action}", json=sent[action], headers={"idempotency-key": "key-1"}
    )

    assert told(answer) == (422, "idempotency_key_refused")


async def test_of_two_that_accept_at_once_one_succeeds(team: Team) -> None:
    for _ in range(20):
        offered = await team.done("owner", "invite_member", space_id=team.space_id, role="editor")

        answers = await asyncio.gather(
            *(team.act(who, "accept_invitation", token=offered["token"]) for who in ("ada", "bob", "stranger"))
        )

        assert sorted(answer.status_code for answer in answers) == [200, 404, 404]
        assert {answer.json().get("code", "") for answer in answers} == {"", "link_not_valid"}
        [joined] = [answer.json()["actor"] for answer in answers if answer.status_code == 200]
        assert await team.roles() == {"owner": "owner", joined: "editor"}
        await team.done(joined, "leave_space", space_id=team.space_id)


async def test_who_accepts_two_invitations_at_once_is_a_member_once(team: Team) -> None:
    tokens = [
        (await team.done("owner", "invite_member", space_id=team.space_id, role="editor"))["token"] for _ in range(2)
    ]

    answers = await asyncio.gather(*(team.act("ada", "accept_invitation", token=token) for token in tokens))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await team.rows("select 1 from invitations where accepted_by is null")) == 1


async def test_who_was_removed_does_not_come_back_by_an_invitation_of_their_own(team: Team) -> None:
    await team.add(ada="admin")
    offered = await team.done("ada", "invite_member", space_id=team.space_id, role="admin")
    await team.done("owner", "remove_member", space_id=team.space_id, actor="ada")

    assert told(await team.act("ada", "accept_invitation", token=offered["token"])) == (404, "link_not_valid")
    assert await team.roles() == {"owner": "owner"}


async def test_of_two_transfers_at_once_one_succeeds(team: Team) -> None:
    await team.add(ada="editor", bob="viewer")
    owner = "owner"
    for _ in range(20):
        heirs = sorted({"owner", "ada", "bob"} - {owner})

        answers = await asyncio.gather(
            *(team.act(owner, "transfer_ownership", space_id=team.space_id, actor=heir) for heir in heirs)
        )

        roles = await team.roles()
        assert sorted(answer.status_code for answer in answers) == [200, 403]
        assert [*roles.values()].count("owner") == 1
        assert roles[owner] == "admin"
        [owner] = [actor for actor, role in roles.items() if role == "owner"]


async def test_admins_who_remove_each_other_at_once_do_not_block_each_other(team: Team) -> None:
    for _ in range(20):
        await team.add(ada="admin", bob="admin")

        answers = await asyncio.gather(
            team.act("ada", "remove_member", space_id=team.space_id, actor="bob"),
            team.act("bob", "remove_member", space_id=team.space_id, actor="ada"),
        )

        assert sorted(answer.status_code for answer in answers) == [200, 404]
        [left] = (await team.roles()).keys() - {"owner"}
        await team.done("owner", "remove_member", space_id=team.space_id, actor=left)


async def test_admins_who_demote_each_other_at_once_do_not_block_each_other(team: Team) -> None:
    for _ in range(20):
        await team.add(ada="admin", bob="admin")
        viewer = {"space_id": team.space_id, "role": "viewer", "expected_version": 1}

        answers = await asyncio.gather(
            team.act("ada", "change_member_role", **viewer, actor="bob"),
            team.act("bob", "change_member_role", **viewer, actor="ada"),
        )

        assert sorted(answer.status_code for answer in answers) == [200, 403]
        roles = await team.roles()
        assert sorted(roles.values()) == ["admin", "owner", "viewer"]
        for actor in ("ada", "bob"):
            await team.done("owner", "remove_member", space_id=team.space_id, actor=actor)


async def test_who_is_demoted_while_waiting_does_not_undo_it(team: Team) -> None:
    await team.add(ada="admin")
    back = {"space_id": team.space_id, "actor": "ada", "role": "admin", "expected_version": 2}

    async with team.service.engine.begin() as connection:
        await connection.execute(text("update members set role = 'viewer', version = 2 where actor = 'ada'"))
        waiting = asyncio.create_task(team.act("ada", "change_member_role", **back))
        await team.somebody_waits()

    assert told(await waiting) == (403, "permission_missing")
    assert (await team.roles())["ada"] == "viewer"


@pytest.mark.parametrize("by", ["change_member_role", "remove_member", "leave_space"])
async def test_a_permission_withdrawn_in_the_middle_of_an_action_is_told_and_nothing_done(team: Team, by: str) -> None:
    await team.add(ada="admin")
    withdrawal: dict[str, tuple[str, dict[str, object]]] = {
        "change_member_role": ("owner", {"actor": "ada", "role": "editor", "expected_version": 1}),
        "remove_member": ("owner", {"actor": "ada"}),
        "leave_space": ("ada", {}),
    }
    who, arguments = withdrawal[by]

    async with team.locked("select 1 from kits"):
        sharing = asyncio.create_task(team.act("ada", "share_kit", kit_id=team.kit_id))
        await team.somebody_waits()
        await team.done(who, by, space_id=team.space_id, **arguments)
    answer = await sharing

    assert told(answer) == (403, "permission_revoked")
    assert answer.json()["permission"] == "share.create"
    assert await team.rows("select 1 from shares") == []
    recorded = await team.rows("select state, problem::jsonb ->> 'code' from executions where action = 'share_kit'")
    assert recorded == [("rejected", "permission_revoked")]


async def test_what_vanishes_while_it_is_waited_for_was_not_there(team: Team) -> None:
    await team.add(ada="admin")
    offered = await team.done("owner", "invite_member", space_id=team.space_id, role="editor")
    answers: dict[str, tuple[int, str]] = {}

    for removal, who, action, arguments in (
        ("members where actor = 'ada'", "ada", "leave_space", {"space_id": team.space_id}),
        ("invitations", "bob", "accept_invitation", {"token": offered["token"]}),
    ):
        async with team.service.engine.begin() as connection:
            await connection.execute(text(f"delete from {removal}"))
            waiting = asyncio.create_task(team.act(who, action, **arguments))
            await team.somebody_waits()
        answers[action] = told(await waiting)

    assert answers == {
        "leave_space": (404, "not_a_member"),
        "accept_invitation": (404, "link_not_valid"),
    }
