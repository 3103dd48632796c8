"""Words in PostgreSQL: the functions that generated columns and indexes are made by.

They say the same as `adapters.words` and depend on no locale and no extension. What they made is stored: one that is to
say something else gets another name, unless that is of so few names that a migration can write these anew. They are of
PL/pgSQL, which plans each once a session: before version 18, a function of SQL that is called by another one is planned
at each call.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from adapters.words.folding import ODD, capitals, ranges_of
from adapters.words.forms import FORGIVEN_LETTERS, KNOWN_LETTERS
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
create or replace function search_fold(name text) returns text {MADE} $$ begin
    if octet_length(name) = char_length(name) then
        return btrim(regexp_replace(lower(name collate "C"), '[^a-z0-9]+', ' ', 'g'));
    end if;
    return btrim(regexp_replace({{folded}}, '[{{separators}}]+', ' ', 'g'));
end $$
"""
# A word as it is, its stem behind "=", and, behind "~" with one letter left out, what is close to it.
# The names are with their schema: who restores a dump has none in the path.
WORDS = f"""
create or replace function search_words(name text) returns tsvector {MADE} $$ begin
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
create or replace function search_spellings(name text) returns tsvector {MADE} $$ begin
    return {{schema}}.search_words(name) || array_to_tsvector(array(
        select distinct '~' || left(cut.word, place - 1) || substr(cut.word, place + 1)
        from unnest(string_to_array({{schema}}.search_fold(name), ' ')) as written (word)
        cross join lateral (select left(written.word, {{most}}) as word) as cut
        cross join lateral generate_series(1, char_length(cut.word) + 1) as place
        where char_length(cut.word) between {{least}} and {{longest}}
    ));
end $$
"""
# What is left of a word without up to two letters, and as many as make it one that is known. It costs a tenth of a
# millisecond, and that is to be known where a plan is made.
SHORTENED = f"""
create or replace function search_shortened(word text) returns text[] cost 10000 {MADE} $$ begin
    return array(
        select word union all
        select left(word, one - 1) || substr(word, one + 1) from generate_series(1, char_length(word)) one
        where char_length(word) > {{least}} union all
        select left(word, one - 1) || substr(word, one + 1, two - one - 1) || substr(word, two + 1)
        from generate_series(1, char_length(word)) one join generate_series(2, char_length(word)) two on one < two
        where char_length(word) > {{least}} + 1
    );
end $$
"""
# Whoever names something adds words that are new, as the owner of the table. Nobody waits for somebody who adds the
# same one meanwhile: it is then there twice.
LEARN = """
create or replace function search_learn() returns trigger security definer set search_path = pg_catalog, pg_temp
language plpgsql as $$ begin
    if tg_op = 'INSERT' then
        insert into {schema}.vocabulary (word) select word from (
            select distinct word from added cross join unnest(string_to_array(folded, ' ')) written (word) where {known}
        ) learnt where (select 1 from {schema}.vocabulary known where known.word = learnt.word limit 1) is null;
    else
        insert into {schema}.vocabulary (word) select word from (
            select distinct word from unnest(string_to_array(new.folded, ' ')) written (word) where {known}
        ) learnt where (select 1 from {schema}.vocabulary known where known.word = learnt.word limit 1) is null;
    end if;
    return null;
end $$
"""
KNOWN = f"word ~ '^[^0-9]{{{KNOWN_LETTERS[0]},{KNOWN_LETTERS[-1]}}}$'"
LEARNS = (
    """create or replace trigger learn_added after insert on {} referencing new table as added
    for each statement execute function search_learn()""",
    """create or replace trigger learn_renamed after update of name on {} for each row
    execute function search_learn()""",
)


def create(connection: Connection) -> None:
    """Make the functions, and the dictionary of theirs."""
    for statement in (ENGLISH, *_made(connection, WORDS, SPELLINGS), GRANT):
        connection.exec_driver_sql(statement)


def create_or_mend(connection: Connection) -> None:
    """Make the functions of the vocabulary, and that which folds anew: of few names it says something else."""
    for statement in _made(connection, SHORTENED, LEARN):
        connection.exec_driver_sql(statement)


def _made(connection: Connection, *functions: str) -> Iterator[str]:
    schema = connection.exec_driver_sql("select quote_ident(current_schema())").scalar_one()
    yield FOLD.format(folded=_folded(), separators=_escaped(ranges_of("separator")))
    for function in functions:
        yield function.format(
            schema=schema,
            most=MAX_LETTERS,
            least=FORGIVEN_LETTERS[0],
            longest=FORGIVEN_LETTERS[-1],
            known=KNOWN,
        )


def _folded() -> str:
    """Return the expression that folds a name, but for what separates its words.

    What Python knows nothing of separates words, before a newer Unicode of the database has it decomposed.
    """
    letters = {**dict(capitals()), **ODD}
    single = {letter: folded for letter, folded in letters.items() if len(folded) == 1}
    expression = f"regexp_replace(name collate \"C\", '[{_escaped(ranges_of('unassigned'))}]+', ' ', 'g')"
    expression = f"regexp_replace(normalize({expression}, NFKD), '[{_escaped(ranges_of('mark'))}]+', '', 'g')"
    expression = f"regexp_replace({expression}, '([{_escaped(ranges_of('word'))}])', ' \\1 ', 'g')"
    expression = f"translate({expression}, '{''.join(single)}', '{''.join(single.values())}')"
    for letter in letters.keys() - single.keys():
        expression = f"replace({expression}, '{letter}', '{letters[letter]}')"
    return expression


def _escaped(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
