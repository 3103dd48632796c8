"""Places in what was found, as cursors tell them."""

from hashlib import blake2b
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from ports.cursor import InvalidCursor, cursor_of, told_by
from ports.search import MAX_WORDS, Sort, Wanted

NAME_LETTERS = 60  # by so many a name is put in order; a cursor is to fit where it is sent


class Place(BaseModel):
    """Behind what a page ended with: its score, how many words it has, the beginning of its folded name, its id."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sort: Sort
    question: str
    forgiven: bool
    score: Annotated[int, Field(ge=0, le=3 * MAX_WORDS)]
    words: Annotated[int, Field(ge=0, lt=2**31)]
    name: Annotated[str, Field(max_length=NAME_LETTERS, pattern=r"^[^\x00]*$")]
    id: UUID

    @classmethod
    def told_by(cls, cursor: str, *, wanted: Wanted, sort: Sort) -> Self:
        """Return the place that a cursor tells. Raise `InvalidCursor`, also for one of another question or order."""
        try:
            place = cls.model_validate_json(told_by(cursor))
        except ValidationError:
            raise InvalidCursor from None
        if (place.question, place.sort) != (question_of(wanted), sort):
            raise InvalidCursor
        return place

    def cursor(self) -> str:
        """Return its cursor."""
        return cursor_of(self.model_dump_json().encode())


def question_of(wanted: Wanted) -> str:
    """Return a digest of what is wanted, which is the same for each of its pages."""
    return blake2b(to_json(wanted), digest_size=8).hexdigest()
