"""Places in what was found, as cursors tell them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ports.cursor import InvalidCursor
from ports.search import MAX_WORDS, Sort

NAME_LETTERS = 60  # by so many a name is put in order; a cursor is to fit where it is sent


class Place(BaseModel):
    """Behind what a page ended with: its score, how many words it has, the beginning of its folded name, its id."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sort: Sort
    kind: Literal["asset", "kit"]
    forgiven: bool
    score: Annotated[int, Field(ge=0, le=3 * MAX_WORDS)]
    words: Annotated[int, Field(ge=0, lt=2**31)]
    name: Annotated[str, Field(max_length=NAME_LETTERS, pattern=r"^[^\x00]*$")]
    id: UUID

    @classmethod
    def told_by(cls, cursor: str, *, kind: str, sort: Sort) -> Self:
        """Return the place that a cursor tells. Raise `InvalidCursor`."""
        try:
            place = cls.model_validate_json(urlsafe_b64decode(cursor + "=="))
        except (ValidationError, ValueError):
            raise InvalidCursor from None
        if (place.kind, place.sort) != (kind, sort):
            raise InvalidCursor
        return place

    def cursor(self) -> str:
        """Return its cursor."""
        return urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")
