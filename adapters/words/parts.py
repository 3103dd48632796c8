"""Names in parts, so that a reader sees what was looked for."""

from collections.abc import Iterator
from itertools import groupby

from adapters.words.folding import SPACED, folded_character
from adapters.words.sought import Sought
from ports.search import NamePart


def parts_of(name: str, sought: Sought | None, *, forgiving: bool = False) -> list[NamePart]:
    """Return the parts of a name, which make it up again; found are whole words of it."""
    found = [False] * len(name)
    for word, places in _placed(name) if sought else ():
        if sought and sought.is_among(word, forgiving=forgiving):
            for place in range(places[0], places[-1] + 1):
                found[place] = True
    runs = groupby(range(len(name)), key=found.__getitem__)
    return [NamePart(text="".join(name[place] for place in places), found=is_found) for is_found, places in runs]


def _placed(name: str) -> Iterator[tuple[str, list[int]]]:
    """Yield each folded word of a name and the places of its characters in it; an accent goes with its letter."""
    word, places = "", list[int]()
    for place, character in enumerate((*name, SPACED)):
        letters = folded_character(character)
        if not letters and word:
            places.append(place)
        for letter in letters:
            if letter != SPACED:
                word += letter
                places.append(place)
            elif word:
                yield word, places
                word, places = "", []
