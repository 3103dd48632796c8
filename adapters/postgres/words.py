"""Words in PostgreSQL: the functions that generated columns and indexes are made by.

They say the same as `adapters.words` and depend on no locale and no extension. What they made is stored: one that is to
say something else gets another name.
"""

from collections.abc import Iterable

from adapters.words.folding import ODD, capitals, ranges_of
from adapters.words.forms import FORGIVEN_LETTERS
from adapters.words.sought import MAX_LETTERS

DROP = (
    "drop function search_spellings(text)",
    "drop function search_words(text)",
    "drop function search_fold(text)",
    "drop text search dictionary search_english",
)
ENGLISH = "create text search dictionary search_english (template = snowball, language = english)"
MADE = "returns {} immutable strict parallel safe language sql return"
FOLD = """
create function search_fold(name text) {made} case when octet_length(name) = char_length(name)
    then btrim(regexp_replace(lower(name collate "C"), '[^a-z0-9]+', ' ', 'g'))
    else btrim(regexp_replace({folded}, '[{separators}]+', ' ', 'g')) end
"""
# A word as it is, its stem behind "=", and, behind "~" with one letter left out, what is close to it.
WORDS = """
create function search_words(name text) {made} array_to_tsvector(array(
    select distinct lexeme from unnest(string_to_array(search_fold(name), ' ')) as written (word)
    cross join lateral (select left(word, {most}) as word) as cut
    cross join lateral (values (cut.word), ('=' || coalesce((ts_lexize('search_english', cut.word))[1], cut.word)))
        as made (lexeme)
    where cut.word <> ''
))
"""
SPELLINGS = """
create function search_spellings(name text) {made} search_words(name) || array_to_tsvector(array(
    select distinct '~' || left(cut.word, place - 1) || substr(cut.word, place + 1)
    from unnest(string_to_array(search_fold(name), ' ')) as written (word)
    cross join lateral (select left(word, {most}) as word) as cut
    cross join lateral generate_series(1, char_length(cut.word) + 1) as place
    where char_length(cut.word) between {least} and {longest}
))
"""


def created() -> list[str]:
    """Return the statements that make the functions, and the dictionary of theirs."""
    return [
        ENGLISH,
        FOLD.format(made=MADE.format("text"), folded=_folded(), separators=_escaped(ranges_of("separator"))),
        WORDS.format(made=MADE.format("tsvector"), most=MAX_LETTERS),
        SPELLINGS.format(
            made=MADE.format("tsvector"), most=MAX_LETTERS, least=FORGIVEN_LETTERS[0], longest=FORGIVEN_LETTERS[-1]
        ),
    ]


def _folded() -> str:
    """Return the expression that folds a name, but for what separates its words."""
    letters = dict(capitals()) | {odd: folded for odd, folded in ODD.items()}
    single = {letter: folded for letter, folded in letters.items() if len(folded) == 1}
    expression = f"regexp_replace(normalize(name collate \"C\", NFKD), '[{_escaped(ranges_of('mark'))}]+', '', 'g')"
    expression = f"translate({expression}, '{''.join(single)}', '{''.join(single.values())}')"
    for letter in letters.keys() - single.keys():
        expression = f"replace({expression}, '{letter}', '{letters[letter]}')"
    return expression


def _escaped(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
