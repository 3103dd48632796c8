"""Folding: text as it is compared, without case and accents, and the words in it."""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain, groupby
from types import MappingProxyType
from typing import Literal

ODD: Mapping[str, str] = MappingProxyType({  # letters that have no decomposition, as English keyboards write them
    "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t",
    "ς": "σ",
})  # fmt: skip
# Every code point that is one of its own; those of the last planes, which are for private use, are all of a sort.
CODES = (range(1, 0x323B0), range(0xE0000, 0xE0200), (0xF0000, 0x10FFFD))
SPACED = " "

Sort = Literal["letter", "mark", "separator", "any"]


@lru_cache(maxsize=4096)
def folded_character(character: str) -> str:
    """Return what a character is in folded text: nothing for an accent, a space for what separates words."""
    parts = [part for part in unicodedata.normalize("NFKD", character) if sort_of(part) != "mark"]
    return "".join(SPACED if sort_of(part) == "separator" else _lower(part) for part in parts)


def folded(text: str) -> str:
    """Return the words of a text, folded, with one space between them."""
    return SPACED.join("".join(map(folded_character, text)).split())


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded, in their order."""
    return folded(text).split()


def sort_of(character: str) -> Sort:
    """Return what a decomposed character is to us; `any` for what nobody has assigned."""
    match unicodedata.category(character):
        case "Mn" | "Me":
            return "mark"
        case "Cn":
            return "any"
        case category:
            return "letter" if category[0] in "LN" or category == "Mc" else "separator"


def ranges_of(sort: Sort) -> Iterator[tuple[int, int]]:
    """Yield the first and last code points of the fewest ranges that hold all of a sort, and none of another."""
    decided = ((code, sort_of(chr(code))) for code in chain(*CODES) if is_decomposed(chr(code)))
    for kind, run in groupby((each for each in decided if each[1] != "any"), key=lambda each: each[1]):
        codes = [code for code, _ in run]
        if kind == sort:
            yield codes[0], codes[-1]


def capitals() -> Iterator[tuple[str, str]]:
    """Yield each letter that is not as it is in folded text, and what it is there."""
    for code in chain(*CODES):
        character = chr(code)
        if is_decomposed(character) and sort_of(character) == "letter" and _lower(character) != character:
            yield character, _lower(character)


def is_decomposed(character: str) -> bool:
    """Return whether the character stays as it is in NFKD; a surrogate is none."""
    return unicodedata.category(character) != "Cs" and unicodedata.normalize("NFKD", character) == character


def _lower(character: str) -> str:
    lower = character.lower()
    return ODD.get(lower, lower)
