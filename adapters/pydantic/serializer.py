"""The serializer: strict JSON by pydantic."""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_json

T = TypeVar("T")


class PydanticSerializer:
    """See `Serializer`."""

    def dump(self, value: object) -> bytes:
        """See `Serializer`."""
        return to_json(value)

    def load(self, kind: type[T], text: bytes) -> T:
        """See `Serializer`."""
        value: T = _adapter(kind).validate_json(text, strict=True)
        return value


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
