"""The life that the README promises, by real processes: `serve --demo`, curl, and the command line beside them."""

import json
import re
import signal
import zipfile
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.processes import ACTIONBUS, CHECKOUT, Serving, begin, output, processes_of, serving

README = (CHECKOUT / "README.md").read_text()
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
async def demo(enterable: Path) -> AsyncIterator[Serving]:
    async with serving(enterable / "readme", "--demo", until="Ctrl-C ends it.") as service:
        yield service
        assert await service.end() == 0
        assert processes_of(service.data) == []


def blocks(*languages: str) -> list[tuple[str, str]]:
    return [
        (language, text)
        for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
        if language in languages
    ]


async def kit_of(client: httpx.AsyncClient) -> dict[str, Any]:
    """The demo's kit, its sections, and its assets by the path they had in the archive."""
    space = (await client.get("/actions/list_spaces")).json()["items"][0]
    kits = (await client.get("/actions/list_kits", params={"space_id": space["id"]})).json()["items"]
    kit = next(kit for kit in kits if kit["name"] == "Heroicons")
    contents: dict[str, Any] = (await client.get("/actions/get_kit", params={"kit_id": kit["id"]})).json()
    sections = {section["id"]: section["name"] for section in contents["sections"]}
    page: dict[str, Any] = {"next_cursor": ""}
    assets: dict[str, Any] = {}
    while (cursor := page["next_cursor"]) is not None:
        query = {"kit_id": kit["id"], "limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/actions/list_assets", params=query)).json()
        assets |= {f"{sections[asset['section_id']]}/{asset['name']}": asset for asset in page["items"]}
    return {**contents, "assets": assets}


def icons() -> dict[str, bytes]:
    package = find_spec("heroicons")
    assert package is not None
    assert package.origin is not None
    with zipfile.ZipFile(Path(package.origin).with_name("heroicons.zip")) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}


def test_its_handler_is_the_file_as_it_stands() -> None:
    assert blocks("python") == [("python", (CHECKOUT / "handlers" / "create_kit.py").read_text())]


def test_its_first_commands_are_those_that_set_everything_up() -> None:
    commands = [line.partition("#")[0].strip() for line in blocks("bash")[0][1].splitlines()]
    assert commands == ["make demo", "make test"]


async def test_its_calls_pasted_as_they_stand_give_the_answers_printed(demo: Serving) -> None:
    scripts = blocks("bash", "json")[1:]
    assert [language for language, _ in scripts] == ["bash", "json"] * (len(scripts) // 2)
    pasted = "\necho\n".join(text for language, text in scripts if language == "bash") + "\necho\n"
    pasted = pasted.replace("http://127.0.0.1:8000", demo.address).replace(".venv/bin/actionbus", ACTIONBUS)
    printed = "".join(text for language, text in scripts if language == "json")
    for _ in range(2):
        answers = await output(demo.data, "bash", "-euc", pasted)
        assert UUID.sub("ID", answers) == UUID.sub("ID", printed)


async def test_the_demo_says_what_it_made_and_what_to_try(demo: Serving) -> None:
    assert "1,288 assets added, 0 there already: the kit has 4 sections and 1,288 assets." in demo.said
    commands = [line.strip() for line in demo.said.partition("Try:\n")[2].splitlines() if line.startswith("  ")]
    answers = await output(demo.data, "bash", "-euc", "\necho\n".join(commands))
    first, kit, assets, own = [json.loads(line) for line in answers.split("\n") if line]
    assert "create_kit" in [action["name"] for action in first["items"]]
    assert (len(kit["sections"]), kit["asset_count"], len(assets["items"]), own["name"]) == (4, 1288, 3, "Mine")


async def test_every_icon_comes_back_byte_for_byte_as_it_was_in_the_archive(demo: Serving) -> None:
    async with demo.client() as client:
        kit = await kit_of(client)
        files = {path: (await client.get(f"/files/{asset['sha256']}")).content for path, asset in kit["assets"].items()}
    assert (len(kit["sections"]), kit["asset_count"], len(files)) == (4, 1288, 1288)
    assert files == icons()


async def test_a_second_demo_on_the_same_data_changes_nothing(demo: Serving) -> None:
    async with demo.client() as client:
        before = await kit_of(client)
        async with serving(demo.data, "--demo", until="Ctrl-C ends it.") as second:
            assert "0 assets added, 1,288 there already: the kit has 4 sections and 1,288 assets." in second.said
            assert await second.end() == 0
        assert await kit_of(client) == before


async def test_a_command_shares_the_database_of_the_service(demo: Serving) -> None:
    async with demo.client() as client:
        space = (await client.get("/actions/list_spaces")).json()["items"][0]["id"]
        arguments = (f"--space_id={space}", "--name=From the shell")
        made = json.loads(await output(demo.data, ACTIONBUS, "run", "create_kit", *arguments))
        read = (await client.get("/actions/get_kit", params={"kit_id": made["id"]})).json()
    assert read["kit"] == made


async def test_a_second_service_on_the_same_port_says_so_in_a_sentence(demo: Serving) -> None:
    port = httpx.URL(demo.address).port
    process = await begin(demo.data, ACTIONBUS, "serve", f"--port={port}")
    said, complaint = await process.communicate()
    expected = f"actionbus: Port {port} on 127.0.0.1 cannot be used (Address already in use); choose another with"
    assert (process.returncode, said) == (78, b"")
    assert complaint.decode() == f"{expected} --port.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_well_and_leaves_no_process(enterable: Path, number: signal.Signals) -> None:
    async with serving(enterable / "ended") as service, service.client() as client:
        assert (await client.get("/health/ready")).json() == {"status": "ready"}
        assert processes_of(service.data)
        assert await service.end(number) == 0
    assert processes_of(enterable / "ended") == []
