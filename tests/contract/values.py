"""Types of arguments, and what becomes of values that are sent for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Discriminator
from pydantic_core import to_json

from ports.argument import InvalidArguments, MalformedJson, check, input_model

CANARY = "canary-4711"
ID = UUID("019b76da-a800-7000-8000-000000000001")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Point:
    x: int
    label: str = ""


class Circle(BaseModel):
    kind: Literal["circle"]
    radius: int


class Square(BaseModel):
    kind: Literal["square"]
    side: int


Shape = Annotated[Circle | Square, Discriminator("kind")]


def taken(argument: Any, sent: bytes | Mapping[str, object]) -> Any:
    """The value of the one argument `x`."""
    return vars(check(input_model("Input", {"x": argument}), sent)).get("x")


def refusal(argument: Any, sent: bytes | Mapping[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidArguments) as caught:
        taken(argument, sent)
    return [(error.pointer, error.detail) for error in caught.value.errors]


def document(argument: Any, sent: bytes | Mapping[str, object]) -> str:
    with pytest.raises((InvalidArguments, MalformedJson)) as caught:
        taken(argument, sent)
    return to_json(caught.value.document()).decode()


def of(text: str) -> bytes:
    return b'{"x": ' + text.encode() + b"}"
