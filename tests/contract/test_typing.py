"""The type checkers know a handler's ports and arguments, and find the mistakes that are marked in the snippets."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SNIPPETS = sorted((ROOT / "tests" / "typing").glob("*.py"))
Found = set[tuple[str, int]]
BIN = Path(sys.executable).parent
MARKED = {
    f"{path.name}:{number} {line.partition('  # error: ')[2]}"
    for path in SNIPPETS
    for number, line in enumerate(path.read_text().splitlines(), start=1)
    if "  # error: " in line
}


def run(*command: str | Path) -> str:
    done = subprocess.run([*command, *SNIPPETS], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def found_by_mypy() -> Found:
    lines = run(BIN / "mypy", "--strict", "--no-pretty").splitlines()
    found = [re.match(r"(?:.*[/\\])?(.+\.py):(\d+): error:", line) for line in lines]
    return {(match[1], int(match[2])) for match in found if match}


def found_by_pyright() -> Found:
    report = json.loads(run(BIN / "pyright", "--pythonpath", sys.executable, "--outputjson"))
    return {
        (Path(said["file"]).name, said["range"]["start"]["line"] + 1)
        for said in report["generalDiagnostics"]
        if said["severity"] == "error"
    }


def test_there_are_mistakes_to_find() -> None:
    assert [path.name for path in SNIPPETS] == ["accepted.py", "rejected.py"]
    assert len(MARKED) == 24
    assert not any("# error" in line for line in SNIPPETS[0].read_text().splitlines())


@pytest.mark.parametrize("checker", [found_by_mypy, found_by_pyright])
def test_a_type_checker_finds_each_mistake_and_no_other(checker: Callable[[], Found]) -> None:
    lines = {path.name: path.read_text().splitlines() for path in SNIPPETS}

    found = {f"{name}:{line} {lines[name][line - 1].partition('  # error: ')[2]}" for name, line in checker()}

    assert found == MARKED
