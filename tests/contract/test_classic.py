"""Handlers in the published spelling: `requires` and `arguments` in the body, no return annotation."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic_core import from_json

from adapters.memory.logger import MemoryLogger
from adapters.memory.repo import MemoryRepo
from ports.library import Member
from service.composition import PORTS
from service.registry import Registry
from service.settings import Settings

COMMAND = Path(sys.executable).parent / "actionbus"
HERE = Path(__file__).parent
EX_DATAERR = 65


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"handlers": "classic"})


async def answer(client: httpx.AsyncClient, action: str, **arguments: object) -> tuple[int, Any]:
    answered = await client.post(f"/actions/{action}", json=arguments)
    return answered.status_code, answered.json()


async def test_they_load() -> None:
    handlers = dict(Registry.found_in("classic", PORTS).public())

    assert [*handlers] == ["describe_space", "open_space", "repeat_word"]
    assert handlers["describe_space"].requires == ("repo", "checkpoint", "serializer")
    assert [*handlers["open_space"].arguments] == ["name", "guest", "role"]


async def test_they_run_without_a_runner() -> None:
    repo, logger = MemoryRepo(), MemoryLogger()
    handler: Any = Registry.found_in("classic", PORTS).find("open_space", internal=False)

    opened = await handler(repo=repo, logger=logger, name="Design", guest="ada").execute()

    assert [member.role for member in (await repo.find(Member, space_id=opened["space"].id)).items] == [
        "owner",
        "viewer",
    ]
    assert [record["event"] for record in logger.records] == ["space.opened"]


async def test_they_answer_over_http(client: httpx.AsyncClient) -> None:
    status, opened = await answer(client, "open_space", name=" Design ", guest="ada", role="editor")
    assert (status, opened["space"]["name"]) == (200, "Design")
    assert opened["members"] == {"owner": "owner", "ada": "editor"}

    status, described = await answer(client, "describe_space", space_id=opened["space"]["id"])
    assert status == 200
    assert from_json(described["text"]) == opened["space"]

    assert await answer(client, "repeat_word", word="on", times=-3, voice="loud") == (200, "ON ON ON")
    assert await answer(client, "repeat_word", word="on") == (200, "on on")


async def test_their_arguments_are_checked_over_http(client: httpx.AsyncClient) -> None:
    status, problem = await answer(client, "open_space", name=" ", guest=5, role="owner", more=1)

    assert (status, problem["code"]) == (422, "invalid_arguments")
    assert {error["pointer"]: error["detail"] for error in problem["errors"]} == {
        "/name": "a name needs a visible character",
        "/guest": "Input should be a valid string",
        "/role": "Input should be 'viewer' or 'editor'",
        "/more": "Extra inputs are not permitted",
    }
    assert (await answer(client, "describe_space"))[1]["errors"] == [
        {"pointer": "/space_id", "detail": "Field required"}
    ]


async def test_their_checkpoint_is_asked_over_http(client: httpx.AsyncClient) -> None:
    status, problem = await answer(client, "describe_space", space_id=str(UUID(int=5)))

    assert (status, problem["code"]) == (404, "entity_not_found")


async def test_they_are_in_the_document(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]

    assert {path for path in paths if path.startswith("/actions/")} == {
        "/actions/describe_space",
        "/actions/open_space",
        "/actions/repeat_word",
    }


def ran(data: Path, *command: str) -> tuple[int, Any]:
    """The exit code of a real command, and the JSON that it printed: a problem on standard error."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(HERE),
        "ACTIONBUS_HANDLERS": "classic",
        "ACTIONBUS_DATA": str(data),
        "ACTIONBUS_LOG_LEVEL": "error",
    }
    done = subprocess.run([COMMAND, "run", *command], env=environment, capture_output=True, timeout=60, check=False)
    return done.returncode, from_json(done.stdout or done.stderr)


def test_they_answer_on_the_command_line(enterable: Path) -> None:
    data = enterable / "classic"

    status, opened = ran(data, "open_space", "--name=Design", "--guest=5", "--role=editor")
    assert (status, opened["space"]["name"]) == (0, "Design")
    assert opened["members"]["5"] == "editor"

    status, described = ran(data, "describe_space", f"--space-id={opened['space']['id']}")
    assert status == 0
    assert from_json(described["text"]) == opened["space"]

    assert ran(data, "repeat_word", "--word=on", "--times=3", "--with-dots=true") == (0, "on... on... on")

    status, problem = ran(data, "repeat_word", "--times=three", "--voice=shrill")
    assert status == EX_DATAERR
    assert sorted(error["pointer"] for error in problem["errors"]) == ["/times", "/voice", "/word"]
