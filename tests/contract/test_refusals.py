"""All that is wrong is told at once, where it is, and with nothing of the input."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic_core import PydanticCustomError

from ports.action import ActionHandler, Arg
from ports.argument import InvalidArguments, check, from_text
from ports.misfit import MAX_ERRORS
from service.records import submitted
from tests.contract.values import CANARY, ID, Colour, Point, Shape, document, of, refusal, taken


class Everything(ActionHandler, permission="test.run"):
    """Take all sorts."""

    id: UUID = Arg()
    count: int = Arg(ge=1, le=9)
    tags: list[str] = Arg(max_length=2)
    point: Point = Arg()
    size: int | str = Arg(default=1)
    shape: Shape | None = Arg(default=None)
    odd: dict[str, int] = Arg(default={})

    async def execute(self) -> None: ...


def pointers(sent: object) -> list[str]:
    with pytest.raises(InvalidArguments) as caught:
        check(Everything.input_model, json.dumps(sent).encode())
    return [error.pointer for error in caught.value.errors]


def test_all_errors_are_told_at_once_each_with_a_pointer() -> None:
    sent = {"count": 10, "tags": ["a", 5], "point": {"x": "1"}, "odd": {"a/b~c": "d"}, "more": 1}

    assert sorted(pointers(sent)) == ["/count", "/id", "/more", "/odd/a~1b~0c", "/point/x", "/tags/1"]


def test_a_pointer_names_no_member_of_a_union() -> None:
    valid = {"id": str(ID), "count": 1, "tags": [], "point": {"x": 1}}

    assert set(pointers(valid | {"size": []})) == {"/size"}
    assert pointers(valid | {"shape": {"kind": "circle", "radius": "r"}}) == ["/shape/radius"]
    assert pointers(valid | {"shape": {"kind": "circle"}}) == ["/shape/radius"]
    assert pointers(valid | {"point": {}}) == ["/point/x"]


def test_no_more_errors_are_told_than_somebody_can_read() -> None:
    assert len(refusal(Arg(list[int]), of(json.dumps(["a"] * 5_000)))) == MAX_ERRORS


def test_a_long_name_is_cut_in_its_pointer() -> None:
    ((pointer, _),) = refusal(Arg(int, default=1), json.dumps({"y" * 5_000: 1}).encode())

    assert len(pointer) == 201


def quoting(value: Any) -> Any:
    raise ValueError(f"{value!r} is not to my taste")


def quoting_by_assertion(value: Any) -> Any:
    raise AssertionError(f"not {value}")


def quoting_by_template(value: Any) -> Any:
    raise PydanticCustomError("taste", "not {value}", {"value": value})


QUOTED = json.dumps(CANARY)
NESTED = json.dumps({"x": CANARY, "label": [CANARY]})
KINDS: list[Any] = [
    int,
    float,
    bool,
    UUID,
    Decimal,
    datetime,
    date,
    Colour,
    Literal["a", "b"],
    Literal[1, 2],
    Point,
    Shape,
]
KINDS += [list[int], dict[str, int], int | None, int | UUID, list[Point], tuple[int, int], set[int]]
TEXTS = [QUOTED, f"[{QUOTED}]", NESTED, f"[{NESTED}]", json.dumps({"kind": CANARY}), json.dumps({"a": CANARY})]
TEXTS += [json.dumps(f"2026-{CANARY}"), json.dumps(f"{ID}{CANARY}"), json.dumps(f"{CANARY}\0"), f"[{QUOTED}", CANARY]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_problem_tells_nothing_of_the_input(kind: Any, text: str) -> None:
    assert CANARY not in document(Arg(kind), of(text))
    assert CANARY not in document(Arg(kind), from_text({"x": Arg(kind)}, {"x": [text, text]}))


@pytest.mark.parametrize(
    "argument",
    [
        Arg(str, validator=int),
        Arg(str, validator=quoting),
        Arg(str, validator=quoting_by_assertion),
        Arg(str, validator=quoting_by_template),
        Arg(list[str], validator=quoting),
        Arg(dict[str, str], validator=quoting),
        Arg(str, options=["a", "b"]),
        Arg(str, pattern="^[a-z]+$"),
        Arg(str, max_length=3),
        Arg(str, min_length=30),
        Arg(str, secret=True, max_length=3),
    ],
)
@pytest.mark.parametrize("text", [QUOTED, f"[{QUOTED}]", json.dumps({"a": CANARY})])
def test_neither_does_one_of_a_validator_or_a_constraint(argument: Any, text: str) -> None:
    assert CANARY not in document(argument, of(text))


@pytest.mark.parametrize(
    ("kind", "detail"),
    [(UUID, "a valid UUID"), (datetime, "a time of RFC 3339, as 2026-01-31T12:00:00Z is"), (int, "a valid integer")],
)
def test_not_even_a_character_of_the_input_is_told(kind: Any, detail: str) -> None:
    assert refusal(Arg(kind), of('"~~"')) == [("/x", f"Input should be {detail}")]


def test_an_unknown_member_is_named_and_its_value_is_not_told() -> None:
    sent = json.dumps({"colour": CANARY}).encode()

    assert refusal(Arg(int, default=1), sent) == [("/colour", "Extra inputs are not permitted")]


def test_of_a_name_given_twice_the_last_value_counts_and_is_on_record() -> None:
    sent = b'{"count": 1, "id": "a", "count": 2}'

    assert submitted(Everything, sent) == {"count": 2, "id": "a"}
    assert taken(Arg(int), b'{"x": 1, "x": 2}') == 2


@pytest.mark.parametrize(("levels", "kept"), [(99, True), (100, False), (190, False), (5_000, False)])
def test_what_is_nested_too_deeply_to_be_read_again_is_not_put_on_record(*, levels: int, kept: bool) -> None:
    sent = b'{"odd":' + b"[" * levels + b"]" * levels + b"}"

    assert submitted(Everything, sent) == (json.loads(sent) if kept else "[too deep]")
