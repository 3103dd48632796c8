"""`Prefer`, as RFC 7240 has it."""

import time

import pytest
from starlette.requests import Request

from service.http.preferences import Preferences, applied, preferences_of


def said(*lines: str) -> Preferences:
    headers = [(b"prefer", line.encode("latin-1")) for line in lines]
    return preferences_of(Request({"type": "http", "headers": headers}))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], (False, None)),
        (["respond-async"], (True, None)),
        (["Respond-Async"], (True, None)),
        (["respond-async, wait=10"], (True, 10)),
        (["respond-async", "wait=10"], (True, 10)),
        (["wait = 10 ,\trespond-async"], (True, 10)),
        (['respond-async=""; trace; level="a,b;c"', "WAIT=1; strict"], (True, 1)),
        (['return=minimal, handling="lenient, wait=3", respond-async'], (True, None)),
        ([r'x="a\", wait=3", wait=4'], (False, 4)),
        (["wait=1, wait=2"], (False, 1)),
        (["wait=soon, wait=2"], (False, None)),
        ([",, ,respond-async,"], (True, None)),
        (["wait=007"], (False, 7)),
        (["wait=0"], (False, 0)),
    ],
)
def test_what_is_preferred_is_read(lines: list[str], expected: tuple[bool, int | None]) -> None:
    assert tuple(said(*lines)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "", "wait", "wait=", "wait=-1", "wait=1.5", "wait=٣".encode().decode("latin-1"), 'wait="5"', "wait=5s",
        "respond-async=yes", "respond async", 'respond-async"', "=5", "wait==5", '"respond-async"', "\0", ";wait=5",
    ],
)  # fmt: skip
def test_what_is_malformed_or_unknown_is_passed_over(line: str) -> None:
    assert said(line) == (False, None)


@pytest.mark.parametrize("text", [";  " * 20_000, '"' * 60_000, 'a="\\' * 15_000, "a," * 30_000, "a " * 30_000])
def test_no_header_takes_long_to_read(text: str) -> None:
    began = time.perf_counter()

    for length in (900, 1000, len(text)):
        said(text[:length])

    assert time.perf_counter() - began < 0.1


def test_what_was_done_of_it_is_told() -> None:
    assert applied(respond_async=True, wait=5) == "respond-async, wait=5"
    assert (applied(respond_async=True), applied(wait=0), applied()) == ("respond-async", "wait=0", "")
