"""Clients that were generated from the committed document: nothing to warn of, well typed, and all told the same."""

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients import rendering
from tests.clients.generating import BIN, DOCUMENT, installed, run, workplace
from tests.clients.rendering import HERE, STORY
from tests.end_to_end.processes import ACTIONBUS, output, serving

# What an execution gave, and the members that only its own problem has, are of any shape; nothing else is.
OF_ANY_SHAPE = {"ExecutionRecord.output", "ProblemRecord.members"}
OF_ANY_SHAPE_IN_PYTHON = {
    "ExecutionRecord.output",
    "Problem.additional_properties",
    "ProblemRecordMembers.additional_properties",
}
ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")


@pytest.fixture(scope="module")
def python_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Python client and of the program that tells the story by it."""
    folder = tmp_path_factory.mktemp("python")
    config, generator = HERE / "openapi_python_client.yaml", str(BIN / "openapi-python-client")
    command = ["generate", f"--path={DOCUMENT}", "--output-path=client", "--meta=none", f"--config={config}"]
    said = run(generator, *command, "--fail-on-warning", cwd=folder)
    assert said.strip() == "Generating client"
    shutil.copy(HERE / "told.py", folder)
    (folder / "story.py").write_text(rendering.python())
    return folder


@pytest.fixture(scope="module")
def typescript_clients() -> Iterator[Path]:
    """The folder of both TypeScript clients, generated and compiled, each with its program."""
    with workplace(installed()) as folder:
        for name in ("told.ts", "tsconfig.json"):
            shutil.copy(HERE / name, folder)
        for name, program in (("hey_story.ts", rendering.hey()), ("fetch_story.ts", rendering.fetch())):
            (folder / name).write_text(program)
        said = run("npx", "openapi-ts", f"--input={DOCUMENT}", "--output=hey", "--no-log-file", cwd=folder)
        said += run("npx", "openapi-typescript", str(DOCUMENT), "--output=fetch_types.ts", cwd=folder)
        assert not re.search(r"warn|error|⚠", said, re.IGNORECASE), said
        yield folder


@pytest.fixture(scope="module")
def compiler_said(typescript_clients: Path) -> str:
    """What the compiler says of the clients and their programs, which then lie in `built`."""
    return run("npx", "tsc", "--project", "tsconfig.json", cwd=typescript_clients)


async def play(data: Path, *command: str, cwd: Path) -> list[dict[str, Any]]:
    """What a program is told by a service of its own."""
    async with serving(data) as service:
        token = (await output(service.data, ACTIONBUS, "token")).strip()
        told: list[dict[str, Any]] = json.loads(run(*command, cwd=cwd, ADDRESS=service.address, TOKEN=token))
    return told


def without_chance(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was told, with ids by the order in which they came, and every time the same."""
    text, ids = TIME.sub("a time", json.dumps(told, sort_keys=True)), dict[str, str]()
    text = ID.sub(lambda found: ids.setdefault(found[0], f"id {len(ids)}"), text)
    text = re.sub(r'"(next_cursor|trace_id)": "[^"]+"', r'"\1": "some"', text)
    settled: list[dict[str, Any]] = json.loads(text)
    return settled


@pytest.fixture(scope="module")
async def told_in_python(enterable: Path, python_client: Path) -> list[dict[str, Any]]:
    return await play(enterable / "python", str(BIN / "python"), "story.py", cwd=python_client)


def test_the_story_has_thirty_calls() -> None:
    assert len(STORY) == 30


def test_the_python_client_and_its_use_are_strictly_typed(python_client: Path) -> None:
    said = run(str(BIN / "mypy"), "--strict", "--config-file=", ".", cwd=python_client)

    assert said.startswith("Success: no issues found")


def test_the_python_client_knows_the_type_of_all_but_what_has_any_shape(python_client: Path) -> None:
    found = set()
    for file in (python_client / "client" / "models").glob("*.py"):
        for kind in (node for node in ast.parse(file.read_text()).body if isinstance(node, ast.ClassDef)):
            for field in (node for node in kind.body if isinstance(node, ast.AnnAssign)):
                if re.search(r"\bAny\b", ast.unparse(field.annotation)):
                    found.add(f"{kind.name}.{ast.unparse(field.target)}")

    assert found == OF_ANY_SHAPE_IN_PYTHON


def test_the_document_leaves_no_other_shape_open() -> None:
    models = json.loads(DOCUMENT.read_text())["components"]["schemas"]

    assert {
        f"{model}.{name}"
        for model, schema in models.items()
        for name, field in schema.get("properties", {}).items()
        if "/JsonValue" in json.dumps(field) or field.keys() <= {"description"}
    } == OF_ANY_SHAPE


def test_the_typescript_clients_and_their_use_are_strictly_typed(compiler_said: str) -> None:
    assert compiler_said == ""


@pytest.mark.parametrize("types", ["hey/types.gen.ts", "fetch_types.ts"])
def test_the_typescript_clients_know_the_type_of_all_but_what_has_any_shape(
    typescript_clients: Path, types: str
) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", (typescript_clients / types).read_text(), flags=re.DOTALL)
    headers = r"headers: \{\s*(?:\S+\??: [^;]+;\s*)*\[name: string\]: unknown;\s*\};"

    open_lines = [
        line.strip() for line in re.sub(headers, "", code).splitlines() if re.search(r"\b(any|unknown)\b", line)
    ]

    assert [line.removeprefix("export type ").replace(" =", ":") for line in open_lines] == ["JsonValue: unknown;"]


async def test_the_python_client_is_told_the_story(told_in_python: list[dict[str, Any]]) -> None:
    assert [step["call"] for step in told_in_python] == [step["call"] for step in STORY]
    for step, told in zip(STORY, told_in_python, strict=True):
        assert told["replayed"] == step.get("replayed", False)
        assert (told["status"] == 200) == ("refused" not in step)
        assert "refused" not in step or told["answer"]["code"] == step["refused"]


@pytest.mark.usefixtures("compiler_said")
@pytest.mark.parametrize("client", ["hey", "fetch"])
async def test_the_typescript_clients_are_told_the_same_story(
    enterable: Path, typescript_clients: Path, told_in_python: list[dict[str, Any]], client: str
) -> None:
    told = await play(enterable / client, "node", f"built/{client}_story.js", cwd=typescript_clients)

    assert without_chance(told) == without_chance(told_in_python)


def test_the_document_lints_clean() -> None:
    with workplace(installed()) as folder:
        shutil.copy(HERE / "redocly.yaml", folder)
        said = run("npx", "redocly", "lint", str(DOCUMENT), "--max-problems=100", cwd=folder)

    assert "Your API description is valid" in said
    assert "warning" not in said.lower().replace("deprecation warning", "")
