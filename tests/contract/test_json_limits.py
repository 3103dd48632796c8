"""How deep and how manifold arguments may be."""

import json

import pytest

from ports.json_limits import JsonLimits, JsonTooDeep, JsonTooManyValues
from ports.problem import Problem

LIMITS = JsonLimits(max_depth=3, max_values=8)


def refused(text: bytes) -> type[Problem] | None:
    try:
        LIMITS.check(text)
    except Problem as problem:
        return type(problem)
    return None


@pytest.mark.parametrize(
    "text",
    [
        b"1",
        b"{}",
        b'{"x": [[1]]}',
        b'{"x": {"y": {"z": 1}}}',
        b'{"a": [], "b": [], "c": {}, "d": {}, "e": []}',
        b'{"x": "[[[[[[[{{{{{{,,,,,,,,,,,,,,,"}',
        json.dumps({"x": [1] * 6}).encode(),
    ],
)
def test_what_is_within_the_limits_is_taken(text: bytes) -> None:
    assert refused(text) is None


@pytest.mark.parametrize(
    "text",
    [
        b'{"x": [[[1]]]}',
        b'{"x": [[[{}]]]}',
        b'{"a": [], "b": [[[1]]]}',
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"x": ' + b'{"x": ' * 100_000 + b"1" + b"}" * 100_001,
    ],
    ids=["one over", "in the inner", "beside", "100,000 lists", "100,000 objects"],
)
def test_what_lies_too_deep_is_refused(text: bytes) -> None:
    assert refused(text) is JsonTooDeep


@pytest.mark.parametrize(
    "values",
    [
        {"x": [1] * 7},
        {str(n): n for n in range(8)},
        {"x": {str(n): n for n in range(7)}},
        {"x": [{}, {}, [1, 2, 3, 4]]},
    ],
)
def test_too_many_values_are_refused(values: object) -> None:
    assert refused(json.dumps(values).encode()) is JsonTooManyValues


@pytest.mark.parametrize("text", [b"{" * 20, b"[[[[[[[1,", b'{"x": [[[[[[\xff'])
def test_what_is_no_json_is_for_others_to_refuse(text: bytes) -> None:
    assert refused(text) is None
