"""Folding: text as it is compared, without case and accents, and the words in it."""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain, groupby
from types import MappingProxyType
from typing import Literal

ODD: Mapping[str, str] = MappingProxyType({  # letters that have no decomposition, as English keyboards write them
    "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t",
    "ς": "σ",
})  # fmt: skip
# Of code points, each that differs from its neighbours: whole planes have no letters, and are all of a sort.
CODES = (
    range(1, 0x323B0), (0x323B0, 0xDFFFF), range(0xE0000, 0xE1000), (0xE1000, 0xEFFFF, 0xF0000, 0xFFFFD),
    (0xFFFFE, 0xFFFFF, 0x100000, 0x10FFFD, 0x10FFFE, 0x10FFFF),
)  # fmt: skip
# Nothing is seen of these, says Unicode (Default_Ignorable_Code_Point), so that a word with one in it is the same word.
UNSEEN = frozenset(chain(
    (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0), range(0x180B, 0x1810),
    range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x2070), range(0xFE00, 0xFE10), range(0xFFF0, 0xFFF9),
    range(0x1BCA0, 0x1BCA4), range(0x1D173, 0x1D17B), range(0xE0000, 0xE1000),
))  # fmt: skip
# Han and Hiragana are written without spaces: each is a word, as Unicode's rules for words (UAX #29) have it.
UNSPACED = (
    range(0x3005, 0x3008), range(0x3041, 0x30A0), range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00),
    range(0x20000, 0x40000),
)  # fmt: skip

SPACED = " "

Sort = Literal["letter", "word", "mark", "separator", "unassigned"]


@lru_cache(maxsize=4096)
def folded_character(character: str) -> str:
    """Return what a character is in folded text: nothing for an accent, a space for what separates words."""
    return "".join(map(_folded, unicodedata.normalize("NFKD", character)))


def folded(text: str) -> str:
    """Return the words of a text, folded, with one space between them."""
    return SPACED.join("".join(map(folded_character, text)).split())


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded, in their order."""
    return folded(text).split()


def sort_of(character: str) -> Sort:
    """Return what a decomposed character is to us: a mark is whatever leaves nothing.

    What has a combining class is a mark, too: which of several comes first is decided in whole texts only.
    """
    category, code = unicodedata.category(character), ord(character)
    if code in UNSEEN or category in ("Mn", "Me") or unicodedata.combining(character):
        return "mark"
    if category == "Cn":
        return "unassigned"
    if category[0] not in "LN" and category != "Mc":
        return "separator"
    return "word" if any(code in each for each in UNSPACED) else "letter"


@cache
def ranges_of(sort: Sort) -> tuple[tuple[int, int], ...]:
    """Return the first and last code points of the fewest ranges that hold all of a sort, and none of another.

    Where what nobody has assigned is looked for, text is as it was written; for all else, it has been decomposed, and
    nothing unassigned is left in it.
    """
    sorts = ((code, sort_of(chr(code)), is_decomposed(chr(code))) for code in chain(*CODES))
    there = (each for each in sorts if sort == "unassigned" or (each[1] != "unassigned" and each[2]))
    runs = ((kind, [code for code, *_ in run]) for kind, run in groupby(there, key=lambda each: each[1]))
    return tuple((codes[0], codes[-1]) for kind, codes in runs if kind == sort)


def capitals() -> Iterator[tuple[str, str]]:
    """Yield each letter that is not as it is in folded text, and what it is there."""
    for code in chain(*CODES):
        character = chr(code)
        if is_decomposed(character) and sort_of(character) == "letter" and _lower(character) != character:
            yield character, _lower(character)


def is_decomposed(character: str) -> bool:
    """Return whether the character stays as it is in NFKD; a surrogate is none."""
    return unicodedata.category(character) != "Cs" and unicodedata.normalize("NFKD", character) == character


def _folded(part: str) -> str:
    match sort_of(part):
        case "letter":
            return _lower(part)
        case "word":
            return f"{SPACED}{part}{SPACED}"
        case "mark":
            return ""
        case "separator" | "unassigned":
            return SPACED


def _lower(character: str) -> str:
    lower = character.lower()
    return ODD.get(lower, lower)
