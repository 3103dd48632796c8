"""Which values can be kept: the types of arguments, narrowed to what a database can store and JSON can say."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, AwareDatetime, GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic_core import PydanticCustomError, core_schema

MIN_INT, MAX_INT = -(2**63), 2**63 - 1
SEQUENCES = (list, set, frozenset, tuple, Sequence)
_GENERIC: Sequence[Any] = (*SEQUENCES, dict, Mapping, Annotated, Union)


class _Int64:
    """Bounds that an author's own may narrow, and that schemas call by their name in OpenAPI."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        bounds: Any = {"ge": MIN_INT, "le": MAX_INT}
        bounded: core_schema.IntSchema = bounds | handler(source)
        return bounded

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        shown = handler(schema)
        return {name: value for name, value in shown.items() if value not in (MIN_INT, MAX_INT)} | {"format": "int64"}


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


Int64 = Annotated[int, _Int64()]
StorableJson = Annotated[Any, AfterValidator(_all_storable)]


def storable(hint: Any) -> Any:
    """Return the type that takes only what can be stored: times with a zone, integers of 64 bits, finite numbers.

    It looks into containers and unions; the fields of a class of the handler's own are as that class says.
    """
    if hint is int or hint is datetime:
        return Int64 if hint is int else AwareDatetime
    if hint in (Any, object, JsonValue):
        return StorableJson
    origin: Any = get_origin(hint)
    if origin is UnionType:
        origin = Union
    narrowed = tuple(map(storable, get_args(hint)))
    return origin[narrowed] if origin in _GENERIC else hint
