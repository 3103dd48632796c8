"""Values of every type, from JSON and from text; defaults, options, validators and secrets."""

import json
import warnings
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import Field

from ports.action import ActionHandler, Arg
from ports.argument import MISSING, Argument, InvalidArguments, check, from_text, input_model
from ports.library import Name
from service.records import SECRET, shown, submitted, validated
from tests.contract.values import CANARY, ID, NOON, Circle, Colour, Point, Shape, Square, of, refusal, taken


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (str, '"red"', "red"),
        (UUID, f'"{ID}"', ID),
        (int, "-5", -5),
        (int, "5.0", 5),
        (int, "-2e3", -2000),
        (float, "1.5", 1.5),
        (float, "2", 2.0),
        (Decimal, '"1.10"', Decimal("1.10")),
        (Decimal, "1.5", Decimal("1.5")),
        (datetime, '"2026-01-01T12:00:00Z"', NOON),
        (datetime, '"2026-01-01T14:00:00+02:00"', NOON),
        (date, '"2026-01-01"', date(2026, 1, 1)),
        (bool, "true", True),
        (Colour, '"blue"', Colour.BLUE),
        (Literal["small", "large"], '"large"', "large"),
        (Literal[1, 2], "2", 2),
        (list[int], "[1, 2.0]", [1, 2]),
        (list[UUID], f'["{ID}"]', [ID]),
        (int | None, "null", None),
        (int | None, "5", 5),
        (int | None, "5.0", 5),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (Point, '{"x": 1, "label": "a"}', Point(1, "a")),
        (Shape, '{"kind": "circle", "radius": 2}', Circle(kind="circle", radius=2)),
        (Any, '{"a": [1, null, "b"]}', {"a": [1, None, "b"]}),
    ],
)
def test_json_becomes_the_declared_type(kind: Any, text: str, value: object) -> None:
    found = taken(Arg(kind), of(text))

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "texts", "value"),
    [
        (str, ["red"], "red"),
        (str, ["5"], "5"),
        (str, ["null"], "null"),
        (str, ['"quoted"'], '"quoted"'),
        (UUID, [str(ID)], ID),
        (int, ["-5"], -5),
        (Decimal, ["1.10"], Decimal("1.10")),
        (datetime, ["2026-01-01T12:00:00Z"], NOON),
        (bool, ["true"], True),
        (bool, ["false"], False),
        (Colour, ["blue"], Colour.BLUE),
        (Literal["small", "5"], ["5"], "5"),
        (Literal[1, 2], ["2"], 2),
        (Name, ["Brand"], "Brand"),
        (Name, ["5"], "5"),
        (list[int], ["1", "2"], [1, 2]),
        (list[int], ["1"], [1]),
        (list[int], ["[1, 2]"], [1, 2]),
        (list[int], ["[]"], []),
        (list[str], ["a,b", "c"], ["a,b", "c"]),
        (list[str], ["[draft]"], ["[draft]"]),
        (list[list[int]], ["[1]", "[2, 3]"], [[1], [2, 3]]),
        (list[int] | None, ["1", "2"], [1, 2]),
        (Annotated[list[UUID], Field(max_length=3)], [str(ID)], [ID]),
        (set[int], ["1", "2"], {1, 2}),
        (tuple[int, ...], ["1", "2"], (1, 2)),
        (int | None, ["5"], 5),
        (int | None, ["null"], None),
        (UUID | None, [str(ID)], ID),
        (dict[str, int], ['{"a": 1}'], {"a": 1}),
        (Point, ['{"x": 1}'], Point(1)),
        (list[Point], ['{"x": 1}', '{"x": 2}'], [Point(1), Point(2)]),
        (Shape, ['{"kind": "square", "side": 2}'], Square(kind="square", side=2)),
    ],
)
def test_text_becomes_the_declared_type(kind: Any, texts: list[str], value: object) -> None:
    found = taken(Arg(kind), from_text({"x": Arg(kind)}, {"x": texts}))

    assert found == value
    assert type(found) is type(value)


def test_text_for_none_is_what_the_entry_point_says() -> None:
    argument = Arg(UUID | None)

    assert from_text({"x": argument}, {"x": ["null"]}) == {"x": None}
    assert refusal(argument, from_text({"x": argument}, {"x": ["null"]}, null=False)) != []
    assert from_text({"x": argument}, {"x": [str(ID)]}, null=False) == {"x": str(ID)}


def test_an_integer_has_the_same_bounds_however_it_is_written() -> None:
    for kind in (int, int | None):
        argument = Arg(kind, ge=1, le=5)
        assert taken(argument, of("5.0")) == 5
        assert refusal(argument, of("6.0")) == refusal(argument, of("6"))


def test_text_becomes_one_of_the_options_whatever_their_type() -> None:
    argument = Arg(options=[1, 2])

    assert taken(argument, from_text({"x": argument}, {"x": ["2"]})) == 2


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (int, ["five"]),
        (int, ["1.5"]),
        (int, ["1", "2"]),
        (bool, ["yes"]),
        (UUID, ["5"]),
        (list[int], ["1", "b"]),
        (datetime, ["2026-01-01T12:00:00"]),
        (Point, ["{"]),
        (str, ["\udcff"]),
        (int, ["[" * 10_000]),
    ],
)
def test_text_that_is_no_such_value_is_refused_where_it_stands(kind: Any, texts: list[str]) -> None:
    errors = refusal(Arg(kind), from_text({"x": Arg(kind)}, {"x": texts}))

    assert [pointer.startswith("/x") for pointer, _ in errors] == [True]


def test_text_for_an_unknown_argument_is_refused() -> None:
    assert refusal(Arg(int, default=1), from_text({"x": Arg(int)}, {"y": ["1"]}))[0][0] == "/y"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (int, '"5"'),
        (int, "1.5"),
        (int, "9007199254740993.0"),
        (int, "1e300"),
        (int, "true"),
        (str, "5"),
        (bool, "1"),
        (bool, '"true"'),
        (float, '"1.5"'),
        (datetime, "1767225600"),
        (list[int], '"1"'),
        (list[int], "1"),
        (Literal[1, 2], '"1"'),
        (Colour, '"RED"'),
        (int, "null"),
    ],
)
def test_json_of_another_type_is_not_converted(kind: Any, text: str) -> None:
    assert [pointer for pointer, _ in refusal(Arg(kind), of(text))] == ["/x"]


def test_python_values_are_taken_from_a_parent_action() -> None:
    assert taken(Arg(UUID), {"x": ID}) == ID
    assert taken(Arg(datetime), {"x": NOON}) == NOON
    assert taken(Arg(Decimal), {"x": Decimal("1.10")}) == Decimal("1.10")
    assert taken(Arg(Point), {"x": Point(1)}) == Point(1)


def test_a_default_stands_for_what_is_not_sent() -> None:
    assert taken(Arg(str, default="red"), b"{}") == "red"
    assert taken(Arg(str, required=False), b"{}") is None
    assert taken(Arg(str, required=False), b'{"x": null}') is None
    assert taken(Arg(str, required=False, options=["a"]), b"{}") is None


def test_a_default_is_the_runs_own() -> None:
    model = input_model("Input", {"x": Arg(list[int], default=[])})

    vars(check(model, b"{}"))["x"].append(1)

    assert vars(check(model, b"{}"))["x"] == []


def test_an_argument_without_a_default_must_be_sent() -> None:
    assert refusal(Arg(str), b"{}") == [("/x", "Field required")]
    assert refusal(Arg(str, required=True, default=...), b"{}") == [("/x", "Field required")]


def test_an_argument_without_a_type_takes_any_json() -> None:
    assert taken(Arg(), b'{"x": {"a": [1]}}') == {"a": [1]}
    assert taken(Arg(Any, required=False), b"{}") is None


def test_only_one_of_the_options_is_taken() -> None:
    argument = Arg(str, options=["small", "large"])

    assert taken(argument, of('"large"')) == "large"
    assert refusal(argument, of('"huge"')) == [("/x", "Input should be 'small' or 'large'")]


def test_a_validator_may_return_another_value() -> None:
    assert taken(Arg(str, validator=str.upper), of('"red"')) == "RED"
    assert taken(Arg(str, default="red", validator=str.upper), b"{}") == "RED"
    assert taken(Arg(str, options=["red"], validator=str.upper), of('"red"')) == "RED"


def test_what_a_validator_says_is_told() -> None:
    def even(number: int) -> int:
        if number % 2:
            raise ValueError("an even number is wanted")
        return number

    assert refusal(Arg(int, validator=even), of("3")) == [("/x", "an even number is wanted")]


def test_a_validator_is_not_asked_about_nothing() -> None:
    assert taken(Arg(str, required=False, validator=str.upper), b"{}") is None
    assert taken(Arg(str, required=False, validator=str.upper), of('"a"')) == "A"


def test_an_argument_may_have_the_name_of_a_method_of_pydantics() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = input_model("Input", {"json": Arg(str), "copy": Arg(int), "schema": Arg(str)})

    assert vars(check(model, b'{"json": "a", "copy": 1, "schema": "b"}')) == {"json": "a", "copy": 1, "schema": "b"}


class KeepSecret(ActionHandler, permission="test.run"):
    """Keep a secret."""

    name: str = Arg()
    password: str = Arg(secret=True, min_length=8)

    async def execute(self) -> None: ...


def test_a_secret_is_on_no_record() -> None:
    sent = json.dumps({"name": "ada", "password": CANARY, "pasword": CANARY}).encode()
    checked = check(KeepSecret.input_model, {"name": "ada", "password": CANARY})

    assert KeepSecret.secrets == {"password"}
    assert vars(checked)["password"] == CANARY
    for record in (submitted(KeepSecret, sent), json.loads(validated(KeepSecret, checked)), shown(KeepSecret, checked)):
        assert CANARY not in str(record)
        assert isinstance(record, dict)
        assert (record["name"], record["password"]) == ("ada", SECRET)


def test_a_secret_is_write_only_in_the_schema() -> None:
    assert KeepSecret.input_model.model_json_schema()["properties"]["password"]["writeOnly"] is True


@pytest.mark.parametrize("sent", [0.5, 5, "0.5", "1700000000"])
def test_a_number_is_no_time(sent: object) -> None:
    model = input_model("Input", {"at": Argument(type=datetime, default=MISSING, constraints={})})

    with pytest.raises(InvalidArguments):
        check(model, {"at": sent})
    assert check(model, {"at": "2026-01-31T12:00:00+01:00"}).model_dump() == {
        "at": NOON.replace(month=1, day=31, hour=11)
    }
