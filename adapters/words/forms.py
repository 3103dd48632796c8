"""Forms of a word: its English stem, and what is left of it without one letter."""

from functools import lru_cache

import snowballstemmer

FORGIVEN_LETTERS = range(4, 101)  # a word of fewer is another one with a letter changed, and one of more is none


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return the English stem of a folded word, by Porter's second algorithm."""
    stemmed: str = snowballstemmer.stemmer("english").stemWord(word)
    return stemmed


def shortened(word: str) -> frozenset[str]:
    """Return the word and all that it is without one letter; of a short one, or one without end, nothing.

    Two words have one of these in common if they differ by one letter: by another one, one more, one less, or two in
    each other's place. They may also have one if each lacks one of the other's.
    """
    if len(word) not in FORGIVEN_LETTERS:
        return frozenset()
    return frozenset((word, *(word[:place] + word[place + 1 :] for place in range(len(word)))))


def are_close(word: str, other: str) -> bool:
    """Return whether two words differ by about one letter, and are long enough for that to be forgiven."""
    return not shortened(word).isdisjoint(shortened(other))
