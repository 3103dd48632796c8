"""Words as PostgreSQL looks for them: queries of lexemes, which are those of `search_words` and `search_spellings`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from adapters.words.forms import shortened, stem
from adapters.words.sought import Sought


@dataclass(frozen=True)
class Queries:
    """The queries for words; these hold letters and digits alone, so that there is nothing to escape."""

    sought: Sought
    stems: Mapping[str, str] = field(default_factory=dict)  # as the database makes them, of its rows as well

    @cached_property
    def words(self) -> list[tuple[str, str, str | None]]:
        """The queries for each word: itself, its forms, and for the last one what begins with it."""
        last = len(self.sought.words) - 1
        return [
            (f"'{word}'", f"'={self.stems.get(word) or stem(word)}'", f"'{word}':*" if place == last else None)
            for place, word in enumerate(self.sought.words)
        ]

    @property
    def whole(self) -> str:
        """The query for all the words themselves."""
        return " & ".join(itself for itself, _, _ in self.words)

    @property
    def strict(self) -> str:
        """The query for all words, each in any way but a letter that is forgiven."""
        return " & ".join(f"({' | '.join(filter(None, word))})" for word in self.words)

    @property
    def forgiving(self) -> str:
        """The query for all words, or what is close to them."""
        close = [sorted(f"'~{short}'" for short in shortened(word)) for word in self.sought.words]
        each = zip(self.words, close, strict=True)
        return " & ".join(f"({' | '.join([*filter(None, word), *others])})" for word, others in each)
