"""How deep and how manifold arguments may be."""

import json
import time
import tracemalloc
from contextlib import suppress

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
        b'{"x": [[[]]]}',
        b"{" * 20,
        b"[[[[[[[1,",
        b'{"x": [[[[[[\xff',
        b'{"a": [], "b": [[[1]]]}',
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"x": ' + b'{"x": ' * 100_000 + b"1" + b"}" * 100_001,
    ],
    ids=["one over", "in the inner", "empty", "open", "open lists", "no text", "beside", "many lists", "many objects"],
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
        {"x": [""] * 7},
        {"x": ['"', "\\", '\\"', "[,", "]", "{}", "}"]},
    ],
)
def test_too_many_values_are_refused(values: object) -> None:
    assert refused(json.dumps(values).encode()) is JsonTooManyValues


@pytest.mark.parametrize("text", [b"}]}" * 20, b"[1,", b'{"x": "[[[[[[', b'{"x": [\xff', b'"[[[[[\\'])
def test_what_is_no_json_is_for_others_to_refuse(text: bytes) -> None:
    assert refused(text) is None


@pytest.mark.parametrize(
    "text",
    [b"[" * 2**20, b"[]," * 2**18, b'"",' * 2**18, b'"%b",' % (b"\\" * 2) * 2**18, b"{}" * 2**19,
     b"[" * 33 + b'"' + b'%b"' % b"\\" * 2**19],
    ids=["lists", "empty lists", "empty texts", "escaped", "objects", "no end"],
)  # fmt: skip
def test_a_large_text_takes_neither_long_nor_much_memory(text: bytes) -> None:
    tracemalloc.start()
    before = time.process_time()
    with suppress(Problem):
        JsonLimits().check(text)
    took, (_, peak) = time.process_time() - before, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 16 * 2**20
    assert took < 1, "quadratic in a mebibyte would be hours"
