"""The vocabulary: the words that names have had, among which are those that somebody may mean."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.words.forms import are_nearly_close, is_forgiven_twice, twice_shortened
from adapters.words.sought import Sought

MOST = 1_000  # of each word that is looked for
# How often the parts of a word are elsewhere is not asked: of many parts, a plan would expect more than there is.
CLOSE = "select word from vocabulary where search_shortened(word) && (select $1::text[]) limit $2"


async def close_words(driver: Any, sought: Sought) -> Mapping[str, Sequence[str]]:
    """Return which words of names differ by up to two letters from those that are long enough for it."""
    close = dict[str, Sequence[str]]()
    for word in sought.words:
        if is_forgiven_twice(word):
            rows = await driver.fetch(CLOSE, [*twice_shortened(word)], MOST)
            close[word] = sorted({row["word"] for row in rows if are_nearly_close(row["word"], word)})
    return {word: words for word, words in close.items() if words}
