"""Search: assets and kits found by words, among those that the caller may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from ports.cursor import InvalidCursor
from ports.problem import Invalid, Unavailable

MAX_WORDS = 12
MAX_TEXT = 200
MAX_CURSOR = 800
MAX_FOUND = 100  # in a page
COUNTED = 10_000  # what is found beyond these is not counted, and an engine may leave it out
MAX_FACET = 20

Kind = Literal["asset", "kit"]
Sort = Literal["best", "name", "newest"]
Facet = Literal["space", "kit", "section", "tag", "media_type", "added_by"]
KINDS: Sequence[Kind] = ("asset", "kit")


class NoWords(Invalid):
    """There is no word in the text.

    A word is made of letters or digits. Leave the text out to find everything that the filters let through.
    """


class TooManyWords(Invalid):
    """The text has too many words.

    Leave some out: all of them must be found.
    """

    most: int


class SearchUnavailable(Unavailable):
    """The search engine does not answer.

    Nothing else waits for it. Try again in a while.
    """


REFUSALS = (NoWords, TooManyWords, InvalidCursor, SearchUnavailable)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for: all that is given must be true of what is found. Kits have no fields but the first ones.

    It was added `since` that millisecond and before `until`. A `tag` is meant by its name. Who added something is known
    to the members of its space alone: others' is found and counted as though nobody had.
    """

    kind: Kind
    text: str | None = None
    space_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    kit_id: UUID | None = None
    section_id: UUID | None = None
    tag: str | None = None
    media_type: str | None = None
    added_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class NamePart:
    """A part of a name, in its order; `found` tells whether it was looked for."""

    text: str
    found: bool


@dataclass(frozen=True, kw_only=True)
class Hit:
    """What was found, and its name in parts."""

    id: UUID
    parts: list[NamePart]


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many of what was found have this value: an id, a tag's name, a media type or an actor."""

    value: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Hits:
    """A page of what was found, and where it goes on: no `next_cursor` is the end.

    `total` counts up to `COUNTED`, facets count the same ones, the most frequent first, up to `MAX_FACET` of each.
    `forgiven` tells that nothing has these words, and that these have almost the same.
    """

    hits: list[Hit]
    total: int
    facets: Mapping[Facet, list[Count]]
    forgiven: bool
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """The name of something that may be meant."""

    kind: Kind
    id: UUID
    parts: list[NamePart]


class SearchIndex(Protocol):
    """Finds by words what the caller may see: what is in their spaces, and in public kits.

    What is in the trash or in an archived kit is not found. Words are runs of letters and digits, in any case and with
    or without accents. One of the text is found in a name that has it, has another form of it (English: "arrows" finds
    "arrow"), or, for the last one, has a word that begins with it. If nothing has all of them so, words of four
    letters or more may differ by one letter, be it another one, one more, one less, or two in each other's place. An
    engine may forgive a little more: one letter more and another one less.
    """

    async def search(
        self,
        wanted: Wanted,
        /,
        *,
        sort: Sort = "best",
        limit: int,
        cursor: str | None = None,
        facets: Sequence[Facet] = (),
    ) -> Hits:
        """Return a page of what is wanted.

        The best have the words themselves, then other forms, then beginnings, then what was forgiven, summed up over
        the words; of those that are alike, names of fewer words come first, then by name: by the first sixty
        letters of its words, without case and accents, then by age. A page goes on behind what the one before it ended
        with, whatever was added meanwhile. Of more than `COUNTED` an engine may leave out some, but none that has the
        words themselves before all that have not: a word or a filter more brings them back.

        Raise `NoWords`, `TooManyWords`, `SearchUnavailable`, or `InvalidCursor` if no page of what is wanted, in this
        sort, gave the cursor.
        """
        ...

    async def suggest(
        self, text: str, /, *, limit: int, space_id: UUID | None = None, kinds: Sequence[Kind] = KINDS
    ) -> list[Suggestion]:
        """Return different names of these kinds that have these words, the last one as a beginning.

        First those that begin with the text, then the others, each in the order of their names. Nothing is forgiven.

        Raise `NoWords`, `TooManyWords` or `SearchUnavailable`.
        """
        ...
