"""`actionbus openapi`: the document, and what changed since an earlier one, without any database."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.document import present_document, written

DATABASE_THAT_IS_NOT_THERE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}


def run(*arguments: str, sent: str = "") -> Result:
    return CliRunner(env=DATABASE_THAT_IS_NOT_THERE).invoke(main, ["openapi", *arguments], input=sent)


def earlier_with(**operation: object) -> Any:
    document = json.loads(written(present_document()))
    kept = document["paths"]["/actions/create_kit"]["post"]
    document["paths"]["/actions/make_kit"] = {"post": kept | {"operationId": "make_kit", **operation}}
    return document


def test_it_prints_the_document() -> None:
    result = run()

    assert (result.exit_code, result.output) == (0, written(present_document()))


def test_nothing_is_said_where_nothing_changed(tmp_path: Path) -> None:
    earlier = tmp_path / "openapi.json"
    earlier.write_text(written(present_document()))

    result = run("--against", str(earlier))

    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(
    ("operation", "code", "said"),
    [
        ({}, 1, "make_kit: it is gone (BREAKS CALLERS)\n"),
        ({"deprecated": True, "x-sunset": "2020-01-01"}, 0, "make_kit: it is gone (breaks, announced)\n"),
        ({"deprecated": True, "x-sunset": "2999-01-01"}, 1, "make_kit: it is gone (BREAKS CALLERS)\n"),
    ],
)
def test_a_break_that_was_not_announced_ends_it_with_1(operation: dict[str, object], code: int, said: str) -> None:
    result = run("--against", "-", sent=json.dumps(earlier_with(**operation)))

    assert (result.exit_code, result.output) == (code, said)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is none that `actionbus openapi` printed"),
        ("{}", "is none that `actionbus openapi` printed"),
        ('{"info": 1, "paths": 1, "components": 1}', "is none that `actionbus openapi` printed"),
        ('{"info": {"version": "x"}, "paths": {}, "components": {}}', "is none that `actionbus openapi` printed"),
        (
            '{"info": {"version": "1.0"}, "paths": {"/a": {"get": {}}}, "components": {}}',
            "is none that `actionbus openapi` printed",
        ),
    ],
)
def test_what_is_no_document_is_said_in_a_sentence(sent: str, said: str) -> None:
    result = run("--against", "-", sent=sent)

    assert (result.exit_code, result.output) == (65, f"actionbus: The earlier document {said}.\n")


def test_a_reference_to_itself_is_said_in_a_sentence_and_not_followed_for_ever() -> None:
    earlier = earlier_with()
    earlier["components"]["schemas"]["Kit"] = {"$ref": "#/components/schemas/Kit"}

    result = run("--against", "-", sent=json.dumps(earlier))

    assert (result.exit_code, result.stdout) == (65, "")
    assert "is none that `actionbus openapi` printed" in result.stderr
