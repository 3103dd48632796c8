"""The table is whole, and so is what every action says of itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from ports.action import ActionHandler
from service.http.methods import summary_of
from tests.every.conftest import PUBLIC
from tests.every.rows import ROWS, WHO
from tests.every.world import Side

SHOWN_FOR_ALL = {"entity_not_found", "permission_missing", "invalid_cursor", "quota_exceeded"}
OF_ANY_ACTION = {"scope_missing"}
SIDE = Side(**{name: name for name in Side.__dataclass_fields__})


def names_something(schema: dict[str, Any]) -> bool:
    """Whether a value is an id or a SHA-256, or a list of these."""
    parts = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    return any(part.get("format") == "uuid" or part.get("pattern") == "^[0-9a-f]{64}$" for part in parts)


def arguments_of(handler: type[ActionHandler]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from handler.input_model.model_json_schema()["properties"].items()


def test_every_action_has_a_row() -> None:
    assert ROWS.keys() == PUBLIC.keys()


@pytest.mark.parametrize("action", ROWS)
def test_a_row_asks_for_every_argument_that_is_required_or_names_something(action: str) -> None:
    arguments = PUBLIC[action].arguments
    needed = {
        name for name, schema in arguments_of(PUBLIC[action]) if names_something(schema) or arguments[name].required
    }

    assert needed <= ROWS[action].asks(SIDE).keys() <= arguments.keys()


@pytest.mark.parametrize("action", ROWS)
def test_every_problem_that_an_action_declares_is_met(action: str) -> None:
    row = ROWS[action]
    declared = {problem.code for problem in PUBLIC[action].problems}
    met = {*row.refused, *filter(None, map(row.told, WHO))}

    assert declared - met - row.beyond <= SHOWN_FOR_ALL
    assert (set() if row.each else met) - OF_ANY_ACTION | row.beyond <= declared


@pytest.mark.parametrize("action", ROWS)
def test_every_action_says_what_it_does_and_what_it_takes(action: str) -> None:
    summary = summary_of(PUBLIC[action])

    assert summary.endswith((".", ":"))
    assert [name for name, schema in arguments_of(PUBLIC[action]) if not schema.get("description")] == []
