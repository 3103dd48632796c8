"""The present document is held against that of the last release, as far as this checkout knows it."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.document import present_document
from service.http.openapi.changes import changes_between

CHECKOUT = Path(__file__).parents[2]
NAMED = ("-c", "user.name=tester", "-c", "user.email=tester@example.org")
Repository = Callable[..., None]


def git(folder: Path, *command: str) -> str:
    """What git says, or nothing where there is no git, no history or no such version."""
    try:
        return subprocess.run(["git", *NAMED, *command], cwd=folder, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""


def measure(folder: Path) -> tuple[str, str]:
    """The document of the last release, and its name; before the first one what was committed last."""
    release = git(folder, "describe", "--tags", "--abbrev=0", "--match=v[0-9]*").strip() or "HEAD"
    return release, git(folder, "show", f"{release}:./openapi.json")


def test_the_present_document_breaks_nobody_unannounced() -> None:
    release, earlier = measure(CHECKOUT)
    if not earlier:
        pytest.skip("There is no earlier openapi.json to hold this one against: no git, no history, or none in it.")

    changes = changes_between(json.loads(earlier), present_document(), on=datetime.now(UTC).date())

    assert [str(change) for change in changes if change.fails] == [], (
        f"This breaks callers of {release}. Add another action and deprecate this one "
        "(`deprecated=Deprecated(since=..., sunset=..., instead=...)`), or raise the major version "
        "in pyproject.toml, the minor one before 1.0."
    )


@pytest.fixture
def commit(tmp_path: Path) -> Repository:
    """Commit a document to a new repository, and release it if there is a tag."""

    def committed(document: str, *, tag: str = "") -> None:
        git(tmp_path, "init")
        (tmp_path / "openapi.json").write_text(document)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--message", document)
        if tag:
            git(tmp_path, "tag", tag)

    return committed


def test_where_there_is_no_history_there_is_no_measure(tmp_path: Path) -> None:
    assert measure(tmp_path)[1] == ""


def test_before_the_first_release_the_last_commit_is_the_measure(tmp_path: Path, commit: Repository) -> None:
    commit("first")
    commit("second", tag="draft")

    assert measure(tmp_path) == ("HEAD", "second")


def test_a_release_stays_the_measure_until_the_next(tmp_path: Path, commit: Repository) -> None:
    commit("first", tag="v1.0.0")
    commit("second")
    assert measure(tmp_path) == ("v1.0.0", "first")
    commit("third", tag="v1.1.0")
    commit("fourth")

    assert measure(tmp_path) == ("v1.1.0", "third")
