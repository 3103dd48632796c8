"""A new file in a package of handlers, and nothing else, is a new action everywhere."""

import os
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from service.composition import Service
from service.database import Database
from service.settings import Settings
from tests.conftest import client_of

COMMAND = Path(sys.executable).parent / "actionbus"
NUMBERS = count()
OLD = '''
"""Greet."""

from ports.action import ActionHandler, Arg


class Greet(ActionHandler, permission="greeting.make"):
    """Greet somebody."""

    name: str = Arg()

    async def execute(self) -> str:
        return f"Hello {self.name}"
'''
NEW = '''
"""Open a shelf: a space of that name, with you in it."""

from typing import Literal

from ports.action import ActionHandler, Arg
from ports.library import Space, SpaceNameTaken
from ports.repo import Repo


class OpenShelf(ActionHandler, permission="shelf.open", problems=(SpaceNameTaken,)):
    """Open a shelf."""

    repo: Repo

    name: str = Arg(max_length=80, description="What is written on it.")
    size: Literal["small", "large"] = Arg(default="small")

    async def execute(self) -> Space:
        caller, name = self.execution.caller.actor, f"{self.name} ({self.size})"
        return await self.repo.add(Space(id=self.execution.new_id(), name=name, created_by=caller))
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / f"growing_actions_{next(NUMBERS)}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "greet.py").write_text(OLD)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


@pytest.fixture
async def grown(package: Path, settings: Settings, database: Database) -> Service:
    (package / "open_shelf.py").write_text(NEW)
    return Service(settings.model_copy(update={"handlers": package.name}), database)


async def test_it_answers_over_http_and_is_listed_and_documented(grown: Service) -> None:
    async with client_of(grown) as client:
        made = await client.post("/actions/open_shelf", json={"name": "Logos", "size": "large"})
        again = await client.post("/actions/open_shelf", json={"name": "Logos", "size": "large"})
        refused = await client.post("/actions/open_shelf", json={"size": "huge"})
        listed = (await client.get("/actions")).json()["items"]
        paths = (await client.get("/openapi.json")).json()["paths"]
    await grown.engine.dispose()

    assert (made.status_code, made.json()["name"]) == (200, "Logos (large)")
    assert (again.status_code, again.json()["code"]) == (409, "space_name_taken")
    assert sorted(error["pointer"] for error in refused.json()["errors"]) == ["/name", "/size"]
    assert [item for item in listed if item["name"] == "open_shelf"] == [
        {
            "name": "open_shelf",
            "method": "POST",
            "path": "/actions/open_shelf",
            "summary": "Open a shelf.",
            "permission": "shelf.open",
            "readonly": False,
            "idempotent": False,
            "idempotency_key": "optional",
            "deprecated": False,
        }
    ]
    operation = paths["/actions/open_shelf"]["post"]
    assert (operation["operationId"], operation["summary"], operation["tags"]) == (
        "open_shelf",
        "Open a shelf.",
        ["shelf"],
    )
    assert {"200", "401", "403", "409", "422"} <= operation["responses"].keys()
    assert "/actions/greet" in paths


async def test_it_is_listed_for_those_who_may_run_it(grown: Service) -> None:
    async with client_of(grown, "ada", "greeting.*") as client:
        listed = (await client.get("/actions")).json()["items"]
        refused = await client.post("/actions/open_shelf", json={"name": "Logos"})
    await grown.engine.dispose()

    assert [item["name"] for item in listed] == ["greet"]
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def printed(package: Path, *command: str) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(package.parent), "ACTIONBUS_HANDLERS": package.name}
    done = subprocess.run([COMMAND, *command], env=environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_it_is_a_command(package: Path) -> None:
    before = printed(package, "actions")

    (package / "open_shelf.py").write_text(NEW)

    assert "open_shelf" not in before
    assert printed(package, "actions").split()[:4] == ["greet", "Greet", "somebody.", "open_shelf"]
    shown = printed(package, "run", "open_shelf", "--help")
    assert "Open a shelf." in shown
    for option in ("--name", "What is written on it.", "--size", "small|large", "[required]", "--json"):
        assert option in shown
    assert "shelf.open" in printed(package, "describe", "open_shelf")
