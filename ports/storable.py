"""Which values can be kept: the types of arguments, narrowed to what a database can store and JSON can say."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, AwareDatetime, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic_core import PydanticCustomError, core_schema

MIN_INT, MAX_INT = -(2**63), 2**63 - 1
MAX_DIGITS = 64  # of a decimal, those that an exponent stands for among them
MAX_EXACT = 2**53 - 1
DATE = re.compile(r"\d{4}-\d\d-\d\d")
SEQUENCES = (list, set, frozenset, tuple, Sequence)
_GENERIC: Sequence[Any] = (*SEQUENCES, dict, Mapping, Annotated, Union)


class _Int64:
    """Bounds that an author's own may narrow, and that schemas call by their name in OpenAPI.

    `5.0` is an integer to JSON Schema (2020-12, core, section 4.2.3), and so to what is written by it.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        bounds: Any = {"ge": MIN_INT, "le": MAX_INT}
        return core_schema.no_info_before_validator_function(_whole, bounds | handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        shown = handler(schema)
        return {name: value for name, value in shown.items() if value not in (MIN_INT, MAX_INT)} | {"format": "int64"}


def _whole(value: object) -> object:
    """Return the integer that a number without a fraction is; from 2**53 on, a float no longer says which."""
    return int(value) if type(value) is float and abs(value) <= MAX_EXACT and value.is_integer() else value


def _all_storable(value: JsonValue) -> JsonValue:
    match value:
        case float() if not isfinite(value):
            raise PydanticCustomError("finite_number", "Input should hold finite numbers alone")
        case dict():
            for inner in value.values():
                _all_storable(inner)
        case list():
            for inner in value:
                _all_storable(inner)
        case int() if not MIN_INT <= value <= MAX_INT:
            raise PydanticCustomError("int64", "Input should hold integers of 64 bits alone")
        case _:
            pass
    return value


def _no_odd_zero(value: Decimal) -> Decimal:
    # pydantic counts the digits of 0E+1000000 as one, and PostgreSQL does not.
    if not value and abs(int(value.as_tuple().exponent)) > MAX_DIGITS:
        raise PydanticCustomError("decimal_max_digits", "Decimal input should have no more than 64 digits in total")
    return value


class _Rfc3339:
    """A time is a text that begins with a date: to pydantic, `0.5` and `"0.5"` were seconds since 1970 as well."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        text = core_schema.no_info_after_validator_function(_begins_with_a_date, core_schema.str_schema(strict=True))
        read = core_schema.datetime_schema(strict=False, tz_constraint="aware")
        return core_schema.json_or_python_schema(core_schema.chain_schema([text, read]), handler(source))

    def __get_pydantic_json_schema__(self, _: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(core_schema.datetime_schema())


def _begins_with_a_date(text: str) -> str:
    if not DATE.match(text):
        raise PydanticCustomError("datetime_format", "Input should be a time of RFC 3339, as 2026-01-31T12:00:00Z is")
    return text


Int64 = Annotated[int, _Int64()]
StorableDecimal = Annotated[Decimal, Field(max_digits=MAX_DIGITS, allow_inf_nan=False), AfterValidator(_no_odd_zero)]
StorableDatetime = Annotated[AwareDatetime, _Rfc3339()]
StorableJson = Annotated[Any, AfterValidator(_all_storable)]
_NARROWED: Mapping[Any, Any] = {int: Int64, datetime: StorableDatetime, Decimal: StorableDecimal}


def storable(hint: Any) -> Any:
    """Return the type that takes only what can be stored: times with a zone, integers of 64 bits, finite numbers.

    A decimal has 64 digits, at most. It looks into containers and unions; the fields of a class of the handler's own
    are as that class says.
    """
    if hint in _NARROWED:
        return _NARROWED[hint]
    if hint in (Any, object, JsonValue):
        return StorableJson
    origin: Any = get_origin(hint)
    if origin is UnionType:
        origin = Union
    if origin is Annotated and get_args(hint)[0] is int:
        return Annotated[*get_args(hint), _Int64()]  # pydantic knows the bounds of an integer, not those of a function
    narrowed = tuple(map(storable, get_args(hint)))
    return origin[narrowed] if origin in _GENERIC else hint


def bounded(hint: Any, bounds: Mapping[str, Any]) -> Any:
    """Return the type with its numbers bounded; None, where it may be that, has no bounds."""
    kinds = get_args(hint) if NoneType in get_args(hint) else (hint,)
    within = tuple(kind if kind is NoneType else Annotated[kind, Field(**bounds)] for kind in kinds)
    return Union[within]  # noqa: UP007 - made at run time
