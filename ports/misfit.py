"""What is wrong with values that do not fit a model: where, and in words that quote none of the input."""

from collections.abc import Iterator
from typing import get_args

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails, core_schema

from ports.pointer import pointer_into

MAX_ERRORS = 100
_QUOTING_AFTER_A_COMMA = ("_parsing", "_type")
_WORDED_BY_PYDANTIC = frozenset(get_args(core_schema.ErrorType)) - {"value_error", "assertion_error"}


def misfits(error: ValidationError, value: JsonValue) -> Iterator[tuple[str, str]]:
    """Yield a JSON Pointer into `value` and a detail for each of the errors, `MAX_ERRORS` at most."""
    for each in error.errors(include_url=False)[:MAX_ERRORS]:
        yield pointer_into(value, each["loc"], missing=each["type"] == "missing"), _detail(each)


def _detail(error: ErrorDetails) -> str:
    """Return what is wrong, without the input, which some of pydantic's messages and any validator's may quote."""
    message, kind = error["msg"], error["type"]
    if kind.endswith(_QUOTING_AFTER_A_COMMA):
        return message.partition(",")[0]
    if kind == "union_tag_invalid":
        return f"Its tag does not match any of the expected tags:{message.rpartition(':')[2]}"
    quoted = str(error["input"]).strip()
    if kind not in _WORDED_BY_PYDANTIC and quoted and quoted in message:
        return "Input is not valid"
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
