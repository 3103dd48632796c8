"""The serializer: strict JSON by pydantic."""

from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_json

T = TypeVar("T")


class PydanticSerializer:
    """See `Serializer`; it remembers how each kind is read."""

    def __init__(self) -> None:
        self._adapters: dict[Any, TypeAdapter[Any]] = {}

    def dump(self, value: object) -> bytes:
        """See `Serializer`."""
        return to_json(value)

    def load(self, kind: type[T], text: bytes) -> T:
        """See `Serializer`."""
        if kind not in self._adapters:
            self._adapters[kind] = TypeAdapter(kind)
        value: T = self._adapters[kind].validate_json(text, strict=True)
        return value
