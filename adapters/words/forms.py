"""Forms of a word: its English stem, and what is left of it without one letter or two."""

from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import combinations

import snowballstemmer

FORGIVEN_LETTERS = range(4, 101)  # a word of fewer is another one with a letter changed, and one of more is none
TWICE = 2
TWICE_FORGIVEN = range(6, 17)  # from six on two letters, as search engines have it (`fuzziness: AUTO`, by Lucene)
KNOWN_LETTERS = range(4, 19)  # of the words that may be meant by one of these; one with a digit is meant as it is
DIGITS = frozenset("0123456789")


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


def is_forgiven_twice(word: str) -> bool:
    """Return whether two letters of a word may be otherwise."""
    return len(word) in TWICE_FORGIVEN and DIGITS.isdisjoint(word)


def twice_shortened(word: str) -> AbstractSet[str]:
    """Return the word and all that it is without one or two letters, down to four.

    Two words have one of these in common if they differ by up to two letters; they may also differ by a few more.
    """
    kept = range(max(KNOWN_LETTERS[0], len(word) - TWICE), len(word) + 1)
    return {"".join(letters) for number in kept for letters in combinations(word, number)}


def are_nearly_close(word: str, other: str) -> bool:
    """Return whether a word that is known differs by up to two letters from another one, of which two are forgiven."""
    is_known = len(word) in KNOWN_LETTERS and DIGITS.isdisjoint(word)
    return is_known and is_forgiven_twice(other) and _distance(word, other) <= TWICE


def _distance(word: str, other: str) -> int:
    """Return by how many letters words differ: others, more, less, or two in each other's place.

    It is the distance of Damerau and Levenshtein that changes no letter twice (optimal string alignment).
    """
    before, above = list[int](), list(range(len(other) + 1))
    for row, letter in enumerate(word, start=1):
        line = [row]
        for column, wanted in enumerate(other, start=1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != wanted)))
            if row > 1 < column and (letter, word[row - 2]) == (other[column - 2], wanted):
                line[-1] = min(line[-1], before[column - 2] + 1)
        before, above = above, line
    return above[-1]
