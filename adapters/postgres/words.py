"""Words in PostgreSQL: the functions that generated columns and indexes are made by.

They say the same as `adapters.words` and depend on no locale and no extension. What they made is stored: one that is to
say something else gets another name. They are of PL/pgSQL, which plans each once a session: before version 18,
a function of SQL that is called by another one is planned at each call.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from adapters.words.folding import ODD, capitals, ranges_of
from adapters.words.forms import FORGIVEN_LETTERS
from adapters.words.sought import MAX_LETTERS

DROP = (
    "drop function if exists search_spellings(text)",
    "drop function if exists search_words(text)",
    "drop function if exists search_fold(text)",
    "drop text search dictionary if exists search_english",
)
ENGLISH = "create text search dictionary search_english (template = snowball, language = english)"
# Whoever writes a name has it folded.
GRANT = "grant execute on function search_fold(text), search_words(text), search_spellings(text) to public"
MADE = "immutable strict parallel safe language plpgsql as"
FOLD = f"""
create function search_fold(name text) returns text {MADE} $$ begin
    if octet_length(name) = char_length(name) then
        return btrim(regexp_replace(lower(name collate "C"), '[^a-z0-9]+', ' ', 'g'));
    end if;
    return btrim(regexp_replace({{folded}}, '[{{separators}}]+', ' ', 'g'));
end $$
"""
# A word as it is, its stem behind "=", and, behind "~" with one letter left out, what is close to it.
# The names are with their schema: who restores a dump has none in the path.
WORDS = f"""
create function search_words(name text) returns tsvector {MADE} $$ begin
    return array_to_tsvector(array(
        select distinct lexeme from unnest(string_to_array({{schema}}.search_fold(name), ' ')) as written (word)
        cross join lateral (select left(written.word, {{most}}) as word) as cut
        cross join lateral (values
            (cut.word), ('=' || coalesce((ts_lexize('{{schema}}.search_english', cut.word))[1], cut.word))
        ) as made (lexeme) where cut.word <> ''
    ));
end $$
"""
SPELLINGS = f"""
create function search_spellings(name text) returns tsvector {MADE} $$ begin
    return {{schema}}.search_words(name) || array_to_tsvector(array(
        select distinct '~' || left(cut.word, place - 1) || substr(cut.word, place + 1)
        from unnest(string_to_array({{schema}}.search_fold(name), ' ')) as written (word)
        cross join lateral (select left(written.word, {{most}}) as word) as cut
        cross join lateral generate_series(1, char_length(cut.word) + 1) as place
        where char_length(cut.word) between {{least}} and {{longest}}
    ));
end $$
"""


def create(connection: Connection) -> None:
    """Make the functions, and the dictionary of theirs."""
    schema = connection.exec_driver_sql("select quote_ident(current_schema())").scalar_one()
    least, longest = FORGIVEN_LETTERS[0], FORGIVEN_LETTERS[-1]
    for statement in (
        ENGLISH,
        FOLD.format(folded=_folded(), separators=_escaped(ranges_of("separator"))),
        WORDS.format(schema=schema, most=MAX_LETTERS),
        SPELLINGS.format(schema=schema, most=MAX_LETTERS, least=least, longest=longest),
        GRANT,
    ):
        connection.exec_driver_sql(statement)


def _folded() -> str:
    """Return the expression that folds a name, but for what separates its words."""
    letters = {**dict(capitals()), **ODD}
    single = {letter: folded for letter, folded in letters.items() if len(folded) == 1}
    expression = f"regexp_replace(normalize(name collate \"C\", NFKD), '[{_escaped(ranges_of('mark'))}]+', '', 'g')"
    expression = f"translate({expression}, '{''.join(single)}', '{''.join(single.values())}')"
    for letter in letters.keys() - single.keys():
        expression = f"replace({expression}, '{letter}', '{letters[letter]}')"
    return expression


def _escaped(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
