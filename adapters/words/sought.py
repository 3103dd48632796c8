"""What is sought: the words of a text that somebody looks for, and how well other words answer to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from adapters.words.folding import words_of
from adapters.words.forms import are_close, stem
from ports.search import MAX_WORDS, NoWords, TooManyWords

MAX_LETTERS = 500  # of a word: PostgreSQL keeps 2,046 bytes, and a name has far fewer
ITSELF, FORM, BEGINNING, FORGIVEN = 3, 2, 1, 0


@dataclass(frozen=True)
class Sought:
    """Folded words, each one once; the last may be a beginning."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the words of a text. Raise `NoWords` or `TooManyWords`."""
        written = [word[:MAX_LETTERS] for word in words_of(text)]
        words = tuple(dict.fromkeys(reversed(written)))[::-1]
        if not words:
            raise NoWords
        if len(words) > MAX_WORDS:
            raise TooManyWords(most=MAX_WORDS)
        return cls(words)

    def score(self, name: Sequence[str], *, forgiving: bool = False) -> int | None:
        """Return how well the words of a name answer to these, or None if one is missing."""
        scores = [self._best(place, name, forgiving=forgiving) for place in range(len(self.words))]
        return None if None in scores else sum(score for score in scores if score)

    def is_among(self, word: str, *, forgiving: bool = False) -> bool:
        """Return whether a word of a name is one that was looked for."""
        return any(self._answers(place, word, forgiving=forgiving) is not None for place in range(len(self.words)))

    def _best(self, place: int, name: Sequence[str], *, forgiving: bool) -> int | None:
        answers = [self._answers(place, word, forgiving=forgiving) for word in name]
        return max((answer for answer in answers if answer is not None), default=None)

    def _answers(self, place: int, word: str, *, forgiving: bool) -> int | None:
        wanted, is_last = self.words[place], place == len(self.words) - 1
        if word == wanted:
            return ITSELF
        if stem(word) == stem(wanted):
            return FORM
        if is_last and word.startswith(wanted):
            return BEGINNING
        return FORGIVEN if forgiving and are_close(word, wanted) else None
