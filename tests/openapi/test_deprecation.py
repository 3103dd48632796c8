"""How an action is taken from its callers: announced in the document and in its answers, with time to leave."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from ports.action import ActionHandler
from ports.contract import ContractBroken
from ports.deprecation import Deprecated
from service.composition import PORTS, Service
from service.database import Database
from service.http.app import routed_app
from service.registry import Registry, _check_successors
from service.settings import Settings
from tests.conftest import client_of

HANDLERS = "tests.openapi.deprecated"


@pytest.fixture
async def client(settings: Settings, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    service = Service(settings.model_copy(update={"handlers": HANDLERS}), database)
    async with client_of(service) as opened:
        yield opened
    await service.close()


async def test_each_answer_of_the_action_tells_it(client: httpx.AsyncClient) -> None:
    for sent, status in (({"json": {}}, 409), ({"json": {"name": 5}}, 422), ({"content": b"{}"}, 415)):
        answer = await client.post("/actions/say_hello", **sent)
        assert answer.status_code == status
        assert answer.headers["deprecation"] == "@1767225600"
        assert answer.headers["sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT"
        assert answer.headers["link"] == (
            '</docs>; rel="deprecation"; type="text/html", </actions/greet>; rel="successor-version"'
        )


async def test_other_answers_tell_nothing_of_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/actions/greet", params={"name": "Ada"})

    assert answer.status_code == 200
    assert not {"deprecation", "sunset", "link"} & answer.headers.keys()


async def test_the_list_of_actions_tells_it(client: httpx.AsyncClient) -> None:
    items = (await client.get("/actions")).json()["items"]

    assert {item["name"]: item["deprecated"] for item in items} == {"greet": False, "say_hello": True}


def test_the_document_tells_it() -> None:
    document: Any = routed_app(Registry.found_in(HANDLERS, PORTS)).openapi()
    operation = document["paths"]["/actions/say_hello"]["post"]

    assert (operation["deprecated"], operation["x-deprecated-since"], operation["x-sunset"]) == (
        True,
        "2026-01-01",
        "2026-07-01",
    )
    assert {"Deprecation", "Sunset", "Link"} <= operation["responses"]["200"]["headers"].keys()
    assert {"Deprecation", "Sunset", "Link"} <= document["components"]["headers"].keys()
    assert "deprecated" not in document["paths"]["/actions/greet"]["get"]


def test_callers_have_ninety_days_at_least() -> None:
    assert Deprecated(since=date(2026, 1, 1), sunset=date(2026, 4, 1)).instead is None
    with pytest.raises(ValueError, match="90 days"):
        Deprecated(since=date(2026, 1, 1), sunset=date(2026, 3, 31))


def test_what_is_no_deprecation_is_refused_when_the_class_is_defined() -> None:
    wrong: Any = True
    with pytest.raises(ContractBroken, match=r"`deprecated` says since when and until when"):

        class _Wrong(ActionHandler, permission="test.run", deprecated=wrong):
            """Do it."""

            async def execute(self) -> None: ...


def test_what_is_to_be_used_instead_is_an_action() -> None:
    handler = Registry.found_in(HANDLERS, PORTS).find("say_hello", internal=False)

    with pytest.raises(ContractBroken, match=r"deprecated for 'greet', which is no action"):
        _check_successors("some_actions", {"say_hello": handler})
