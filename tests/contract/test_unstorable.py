"""What no database can store, or JSON cannot say, is refused."""

import json
from datetime import datetime
from decimal import Decimal
from math import inf, nan
from typing import Annotated, Any

import pytest
from pydantic import JsonValue

from ports.action import Arg
from ports.argument import MalformedJson, input_model
from tests.contract.values import Point, of, refusal, taken


@pytest.mark.parametrize(
    ("kind", "sent", "pointer"),
    [
        (str, b'{"x": "a\\u0000b"}', "/x"),
        (list[str], b'{"x": ["a", "\\u0000"]}', "/x/1"),
        (dict[str, str], b'{"x": {"a/b": "\\u0000"}}', "/x/a~1b"),
        (dict[str, str], b'{"x": {"a\\u0000": "b"}}', "/x"),
        (Point, b'{"x": {"x": 1, "label": "\\u0000"}}', "/x/label"),
        (str, {"x": "a\0b"}, "/x"),
    ],
)
def test_the_character_0_is_refused_where_it_stands(kind: Any, sent: Any, pointer: str) -> None:
    assert refusal(Arg(kind), sent) == [(pointer, "Text may not hold the character U+0000.")]


def test_text_that_only_looks_like_an_escaped_0_is_taken() -> None:
    assert taken(Arg(str), rb'{"x": "\\u0000"}') == r"\u0000"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"{'x': 1}",
        b'{"x": 1} 2',
        b'{"x": "\\ud800"}',
        b'{"x": "\\udc00\\ud800"}',
        b'{"x": "\xed\xa0\x80"}',
        b'{"x": "\xff"}',
        b'{"x": "\0"}',
        '{"x": 1}'.encode("utf-16"),
        b'{"x": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_no_json_object_is_malformed(sent: bytes) -> None:
    with pytest.raises(MalformedJson) as caught:
        taken(Arg(Any, default=None), sent)

    assert caught.value.status == 400
    assert len(caught.value.reason) < 100


def test_a_lone_surrogate_is_refused_where_it_stands() -> None:
    values = {"y": "fine", "x": ["a", "\ud800"]}

    assert [pointer for pointer, _ in refusal(Arg(list[str]), values)] == ["/x"]


def test_a_name_with_a_lone_surrogate_is_refused() -> None:
    assert [pointer for pointer, _ in refusal(Arg(int), {"\ud800": 1})] == [""]


@pytest.mark.parametrize("kind", [float, Decimal, list[float], dict[str, float], Any, dict[str, Any], JsonValue])
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_a_number_must_be_finite(kind: Any, number: str) -> None:
    inner = {list[float]: f"[{number}]", dict[str, float]: f'{{"a": {number}}}', dict[str, Any]: f'{{"a": [{number}]}}'}

    errors = refusal(Arg(kind), of(inner.get(kind, number)))

    assert [pointer.startswith("/x") for pointer, _ in errors] == [True]


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_a_number_from_python_must_be_finite_too(number: float) -> None:
    assert [pointer for pointer, _ in refusal(Arg(float), {"x": number})] == ["/x"]


@pytest.mark.parametrize("number", [-(2**63), 2**63 - 1])
def test_an_integer_of_64_bits_is_taken(number: int) -> None:
    assert taken(Arg(int), of(str(number))) == number


@pytest.mark.parametrize("number", [-(2**63) - 1, 2**63, 10**30])
@pytest.mark.parametrize(
    "kind", [int, int | None, Annotated[int, "how many"], list[int], dict[str, int], tuple[int, ...], Any]
)
def test_one_beyond_64_bits_is_refused(kind: Any, number: int) -> None:
    inner = {list[int]: [number], dict[str, int]: {"a": number}, tuple[int, ...]: [number]}

    ((pointer, detail),) = refusal(Arg(kind), json.dumps({"x": inner.get(kind, number)}).encode())

    assert pointer.startswith("/x")
    assert "64 bits" in detail or str(2**63 - 1) in detail or str(-(2**63)) in detail


@pytest.mark.parametrize("kind", [datetime, datetime | None, list[datetime], Annotated[datetime, "when"]])
def test_a_time_without_a_zone_is_refused(kind: Any) -> None:
    text = '"2026-01-01T12:00:00"'

    ((_, detail),) = refusal(Arg(kind), of(f"[{text}]" if kind == list[datetime] else text))

    assert detail == "Input should have timezone info"


def test_what_cannot_be_written_as_json_is_refused_where_it_stands() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]

    assert [pointer for pointer, _ in refusal(Arg(Any), {"x": deep})] == ["/x"]
    assert [pointer for pointer, _ in refusal(Arg(Any), {"x": object()})] == ["/x"]


def test_bounds_of_the_authors_own_narrow_those_of_64_bits() -> None:
    for kind in (int, int | None):
        assert refusal(Arg(kind, ge=1), of("0")) == [("/x", "Input should be greater than or equal to 1")]
        assert refusal(Arg(kind, le=9), of("10")) == [("/x", "Input should be less than or equal to 9")]
    schema = input_model("Input", {"x": Arg(int, ge=1)}).model_json_schema()["properties"]["x"]
    assert schema == {"title": "X", "type": "integer", "format": "int64", "minimum": 1}
