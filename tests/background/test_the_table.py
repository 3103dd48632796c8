"""The table in docs/engines.md is what the suite has found: run this with the whole folder."""

from pathlib import Path

import pytest

from tests.background.features import Feature
from tests.background.found import FOUND
from tests.background.table import COLUMNS, DOCUMENT, ENGINES, told

WRITE = "write it anew: python -m tests.background"


def test_it_has_a_row_for_each_feature_and_nothing_else() -> None:
    assert [*told()] == [(row, engine) for row in Feature for engine in ENGINES], WRITE
    assert DOCUMENT.read_text().count(COLUMNS) == 1


def test_it_says_what_was_found(request: pytest.FixtureRequest) -> None:
    found, said = request.config.stash[FOUND], told()

    assert {key: said[key] for key in found} == found, WRITE


def test_every_feature_has_its_tests(request: pytest.FixtureRequest) -> None:
    collected = {item.path for item in request.session.items}
    if collected.issuperset(Path(__file__).parent.glob("test_*.py")):
        marks = [item.get_closest_marker("feature") for item in request.session.items]
        assert {mark.args[0] for mark in marks if mark} == {*Feature}
