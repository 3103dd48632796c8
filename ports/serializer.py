"""The serializer."""

from typing import Protocol, TypeVar

T = TypeVar("T")


class Serializer(Protocol):
    """JSON (RFC 8259, in UTF-8) from values and back."""

    def dump(self, value: object) -> bytes:
        """Return `value` as JSON: primitives, dates, UUIDs, dataclasses and pydantic models."""
        ...

    def load(self, kind: type[T], text: bytes) -> T:
        """Return the `kind` that the JSON stands for. Raise ValueError if it does not."""
        ...
