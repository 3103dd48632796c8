"""Words by Python and by SQL: both say the same of whatever may be a name."""

import unicodedata
from itertools import chain
from random import Random

import pytest

from adapters.words.folding import CODES, folded, words_of
from adapters.words.forms import are_close, shortened, stem
from adapters.words.parts import parts_of
from adapters.words.sought import Sought
from tests.adapters.searching import marked
from tests.adapters.storage import PostgresStorage

NASTY = (
    "", " ", "arrow-left.svg", "Ärrow-Lèft 2½", "Straße", "ŁÓDŹ łódź", "ﬁle ﬀ", "İstanbul ıI", "ΣΑΣ σας", "שָׁלוֹם עולם",
    "हिन्दी", "ﷺ", "㌀㌁", "e\u0301\u0302x", "\u0301", "a\u200db", "\u202eevil\u202c", "a\u00adb", "𝔘nicode", "①②", "x²",
    "ǅ ǆ", "ẞ", "Ŋ ŋ", "Ø ø Đ đ Þ þ Ð ð Æ Œ", "ŉ", "\ue000icon\uf8ff", "🎉 party",
    "👩‍👩‍👧", "3d e5 1e5 0x10", "100%_\\",
    "'); drop table", "a:b & c | d ! (e) <-> f:*", "snake_case camelCase", "ᏣᎳᎩ ꮳꮃꭹ", "Ა ა", "𐐀𐐨", "가각 각",
    "ｆｕｌｌ", "\t\n\x0b", "\x85\u2028", "a\ufeffb", "\U000e0041", "x" * 80, "ß" * 80, "ﷺ" * 80, "é" * 80,
)  # fmt: skip
ENGLISH = (
    "arrows arrow arrowed up off in the being having skies dying news generously happily flies fly relational "
    "conditional rational digitizer vietnamization radicalism allowance adoption communism triplicate electrical "
    "hopefulness goodness formal painting brushes boxes cats ponies caresses agreed plastered bled motoring sing "
    "conflated troubled sized hopping tanned falling hissing fizzed failing filing icons logos buttons settings "
    "downloads uploading sharing shared trash trashes folders folded home homes users user's cloud clouded"
)


async def by_sql(storage: PostgresStorage, expression: str, *texts: str) -> list[object]:
    rows = await storage.rows(f"select {expression} from unnest($1::text[]) with ordinality t(t, n) order by n", texts)
    return [row[0] for row in rows]


def random_texts(number: int) -> list[str]:
    """Texts of all letters and signs that Unicode has, each with some that are common."""
    random = Random(7)
    codes = [n for n in chain(*CODES) if unicodedata.category(chr(n)) not in ("Cn", "Cs")]
    return [
        "".join(
            random.choice("aB c.-É\u0301") if random.random() < 0.5 else chr(random.choice(codes)) for _ in range(9)
        )
        for _ in range(number)
    ]


async def test_sql_folds_as_python_does(database_storage: PostgresStorage) -> None:
    texts = [*NASTY, *random_texts(2_000)]

    assert await by_sql(database_storage, "search_fold(t)", *texts) == [*map(folded, texts)]


async def test_sql_folds_every_character_as_python_does(database_storage: PostgresStorage) -> None:
    codes = [n for n in chain(*CODES) if unicodedata.category(chr(n)) not in ("Cn", "Cs")]
    texts = ["".join(f"a{chr(n)}" for n in codes[first : first + 50]) for first in range(0, len(codes), 50)]

    by_sql_ = await by_sql(database_storage, "search_fold(t)", *texts)

    assert [each for each in zip(by_sql_, map(folded, texts), strict=True) if each[0] != each[1]] == []


async def test_sql_keeps_what_python_looks_for(database_storage: PostgresStorage) -> None:
    texts = [*NASTY, ENGLISH, *random_texts(500)]
    expected = [
        {*words, *(f"={stem(word)}" for word in words), *(f"~{short}" for word in words for short in shortened(word))}
        for words in map(words_of, texts)
    ]

    found = await by_sql(database_storage, "tsvector_to_array(search_spellings(t))", *texts)

    assert [set(each) for each in found] == expected  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("Arrow-Left.svg", "arrows lef", "[Arrow]-[Left].svg"),
        ("Café Noir", "cafe", "[Café] Noir"),
        ("Cafe\u0301 Noir", "cafe", "[Cafe\u0301] Noir"),
        ("Straße", "strasse", "[Straße]"),
        ("2½ x", "21", "[2½] x"),
        ("\u0301arrow\u0301", "arrow", "\u0301[arrow\u0301]"),
        ("🎉 arrow 🎉", "arrow", "🎉 [arrow] 🎉"),
        ("arrow", "circle", "arrow"),
        ("", "circle", ""),
    ],
)
def test_a_name_in_parts_shows_whole_words_as_they_are_written(name: str, text: str, shown: str) -> None:
    parts = parts_of(name, Sought.of(text))

    assert marked(parts) == shown
    assert "".join(part.text for part in parts) == name


def test_the_parts_of_any_name_make_it_up() -> None:
    for name in (*NASTY, *random_texts(200)):
        for sought in (None, Sought.of("arrow a")):
            assert "".join(part.text for part in parts_of(name, sought, forgiving=True)) == name


@pytest.mark.parametrize("word", ["arow", "arrrow", "arraw", "arorw", "rrow", "arro", "arrow"])
def test_words_that_differ_by_one_letter_are_close(word: str) -> None:
    assert are_close("arrow", word)
    assert are_close(word, "arrow")


@pytest.mark.parametrize(("word", "other"), [("cat", "cot"), ("cats", "cat"), ("arrow", "arrs"), ("arrow", "worra")])
def test_short_words_and_others_are_not(word: str, other: str) -> None:
    assert not are_close(word, other)
