"""Search by every engine: which words find what."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ports.cursor import InvalidCursor
from ports.search import MAX_CURSOR, MAX_WORDS, NoWords, Sort, TooManyWords
from tests.adapters.searching import BOB, SHELF, START, Library, marked, name_of


@pytest.fixture
async def library(library_of_engine: Library) -> Library:
    await library_of_engine.found()
    return library_of_engine


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("arrow", "arrow-left.svg"),
        ("ARROW", "arrow-left.svg"),
        ("left arrow", "arrow-left.svg"),
        ("arrow left svg", "arrow-left.svg"),
        ("svg", "arrow-left.svg"),
        ("arrow_left", "arrow-left.svg"),
        ("arr", "arrow-left.svg"),
        ("left arr", "arrow-left.svg"),
        ("arrows", "arrow-left.svg"),
        ("arrow", "Arrows"),
        ("painting", "Paint"),
        ("brushes", "brush 2"),
        ("2", "brush 2"),
        ("cafe", "Café Noir"),
        ("CAFÉ", "cafe"),
        ("cafe\u0301", "Caf\u00e9"),
        ("strasse", "Straße"),
        ("Straße", "STRASSE"),
        ("lodz", "Łódź"),
        ("aero", "Ærø"),
        ("istanbul", "İstanbul"),
        ("file", "\ufb01le"),  # a ligature
        ("σας", "ΣΑΣ"),
        ("привет", "ПРИВЕТ-мир"),
        ("שלום", "שָׁלוֹם עולם"),
        ("矢印", "矢印 左"),
        ("in", "zoom-in"),
        ("off", "power-off"),
        ("up", "thumbs up"),
        ("the", "the end"),
        ("3d", "cube 3D"),
        ("3", "360 degrees"),
        ("100", "100% sure"),
        ("arrow!!! & | (left)", "arrow-left.svg"),
        ("'arrow' \\ \"left\"", "arrow-left.svg"),
        ("arrow:* <-> left", "arrow-left.svg"),
        ("%arrow_", "arrow-left.svg"),
        ("\u200barrow\u200b", "arrow-left.svg"),
        ("\u202earrow", "arrow-left.svg"),
        ("arrow\0left", "arrow-left.svg"),
        ("arrow 🎉", "arrow-left.svg"),
        ("arrow arrow arrow", "arrow-left.svg"),
        ("arrow " * 10_000, "arrow-left.svg"),
    ],
)
async def test_a_text_finds_a_name(library: Library, text: str, name: str) -> None:
    await library.put(name, "something else")

    hits = await library.search(text)

    assert [name_of(hit.parts) for hit in hits.hits] == [name]
    assert (hits.total, hits.forgiven, hits.next_cursor) == (1, False, None)


@pytest.mark.parametrize("text", ["rrow", "arrow right", "arr left", "row", "lef arrow", "arrowleft", "s:arrow x"])
async def test_a_text_finds_no_name_that_lacks_a_word(library: Library, text: str) -> None:
    await library.put("Arrow-left.svg")

    hits = await library.search(text)

    assert hits.forgiven or hits.hits == []


@pytest.mark.parametrize(
    "text", ["", " ", "...", "🎉", "\u200b", "\0", "&|!():*<->", "%", "_", "'", "\\", "\u0301", "((([", "\u202e"]
)
async def test_a_text_without_words_is_a_problem(library: Library, text: str) -> None:
    with pytest.raises(NoWords):
        await library.search(text)
    with pytest.raises(NoWords):
        await library.suggest(text)


async def test_so_many_words_and_no_more_are_looked_for(library: Library) -> None:
    words = " ".join(map(str, range(MAX_WORDS)))
    await library.put(words)

    assert await library.names(words) == [words]
    for ask in (library.search, library.suggest):
        with pytest.raises(TooManyWords) as raised:
            await ask(f"{words} more")
        assert raised.value.document()["most"] == MAX_WORDS


@pytest.mark.parametrize("word", ["x" * 10_000, "ﷺ" * 200, "𝔘" * 5_000, "ß" * 3_000, "é" * 4_000])
async def test_a_word_without_end_finds_nothing(library: Library, word: str) -> None:
    await library.put("arrow")

    assert (await library.search(word)).hits == []
    assert await library.suggest(word) == []


@pytest.mark.parametrize("name", ["ﷺ" * 80, "🎉", "x" * 80, "ß" * 80, "'\\\":*&|!", "a\u0301\u0302\u0303"])
async def test_any_name_may_be_kept_and_is_found_without_a_text(library: Library, name: str) -> None:
    await library.put(name)

    assert await library.names() == [name]
    assert await library.names(sort="name") == [name]


@pytest.mark.parametrize("text", ["arow", "arrrow", "arrrw", "arorw", "qrrow", "arrows-lefy", "arow lef", "left arow"])
async def test_one_letter_in_a_word_is_forgiven_if_nothing_else_is_there(library: Library, text: str) -> None:
    await library.put("arrow-left")

    hits = await library.search(text)

    assert next(marked(hit.parts) for hit in hits.hits).startswith("[arrow]")
    assert (hits.total, hits.forgiven) == (1, True)


async def test_nothing_is_forgiven_where_something_has_the_words(library: Library) -> None:
    await library.put("arrow", "arow")

    hits = await library.search("arow")

    assert [marked(hit.parts) for hit in hits.hits] == ["[arow]"]
    assert not hits.forgiven


@pytest.mark.parametrize("text", ["cot", "qrrxw", "arrow ot", "arrowwww"])
async def test_two_letters_and_short_words_are_not_forgiven(library: Library, text: str) -> None:
    await library.put("cat", "arrow", "arrow up")

    hits = await library.search(text)

    assert (hits.hits, hits.total, hits.forgiven) == ([], 0, False)


async def test_the_best_come_first(library: Library) -> None:
    await library.put("arrowhead", "arrows", "arrow", "arrow up and down", "arrow a", "an arrow", "ARROW")

    names = await library.names("arrow")

    assert names == ["arrow", "ARROW", "an arrow", "arrow a", "arrow up and down", "arrows", "arrowhead"]


async def test_what_answers_better_to_one_word_makes_up_for_another(library: Library) -> None:
    await library.put("arrows lefty", "arrow left", "arrows left", "arrow lefty", "left arrow")

    names = await library.names("arrow left")

    assert names == ["arrow left", "left arrow", "arrows left", "arrow lefty", "arrows lefty"]


async def test_what_is_forgiven_comes_behind_what_is_not(library: Library) -> None:
    await library.put("arrow lefts", "arrow left", "arroww left")

    hits = await library.search("arrow leff")

    assert [marked(hit.parts) for hit in hits.hits] == ["[arrow] [left]", "[arroww] [left]"]
    assert hits.forgiven


async def test_without_a_text_all_is_found_shortest_names_first(library: Library) -> None:
    await library.put("b c", "a b", "c", "B")

    hits = await library.search()

    assert [marked(hit.parts) for hit in hits.hits] == ["B", "c", "a b", "b c"]
    assert not hits.forgiven


async def test_by_name_and_by_age(library: Library) -> None:
    await library.put("zebra-arrow", "Äpfel arrow", "beta arrows")

    assert await library.names("arrow", sort="name") == ["Äpfel arrow", "beta arrows", "zebra-arrow"]
    assert await library.names("arrow", sort="newest") == ["beta arrows", "Äpfel arrow", "zebra-arrow"]


@pytest.mark.parametrize("sort", ["best", "name", "newest"])
@pytest.mark.parametrize("text", ["arrow", "arow", None])
async def test_pages_go_on_whatever_is_added_meanwhile(library: Library, sort: Sort, text: str | None) -> None:
    await library.put(*(f"arrow {'x ' * (n % 3)}{n}" for n in range(7)), "arrows")
    whole = await library.names(text, sort=sort)
    found, cursor, number = list[str](), None, 0

    while cursor or not found:
        page = await library.search(text, sort=sort, limit=2, cursor=cursor)
        found += [name_of(hit.parts) for hit in page.hits]
        cursor, number = page.next_cursor, number + 1
        if number < 4:
            await library.put(f"arrow {number} more of what was not there", f"arrow {'y ' * number}")

    assert [name for name in found if name in whole] == whole
    assert len({*found}) == len(found) <= 14


async def test_the_last_page_has_no_cursor(library: Library) -> None:
    await library.put("arrow 1", "arrow 2")

    page = await library.search("arrow", limit=2)
    first = await library.search("arrow", limit=1)
    second = await library.search("arrow", limit=1, cursor=first.next_cursor)

    assert (page.next_cursor, second.next_cursor) == (None, None)
    assert (first.total, second.total) == (2, 2)


async def test_a_page_behind_the_last_is_empty_and_counts_the_same(library: Library) -> None:
    gone = await library.put("arrow 1", "arrow 2")
    first = await library.search("arrow", limit=1)
    await library.save(replace(gone[1], removed_at=START))

    behind = await library.search("arrow", limit=1, cursor=first.next_cursor)

    assert (behind.hits, behind.total, behind.next_cursor) == ([], 1, None)


@pytest.mark.parametrize("cursor", ["?", "a", "AAAA", "e30", "é", "\0", "x" * 5000, "bnVsbA", "WzFd"])
async def test_a_cursor_of_nowhere_is_a_problem(library: Library, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await library.search("arrow", cursor=cursor)


async def test_a_cursor_of_another_order_is_a_problem(library: Library) -> None:
    await library.put("arrow 1", "arrow 2")
    page = await library.search("arrow", limit=1)

    with pytest.raises(InvalidCursor):
        await library.search("arrow", sort="name", cursor=page.next_cursor)
    with pytest.raises(InvalidCursor):
        await library.search("arrow", kind="kit", cursor=page.next_cursor)


@pytest.mark.parametrize(
    "other",
    [{"text": "arow"}, {"text": None}, {"media_type": "image/svg+xml"}, {"space_id": SHELF.space.id}, {"tag": "t"}],
)
async def test_a_cursor_of_another_question_is_a_problem(library: Library, other: dict[str, Any]) -> None:
    await library.put("arrow 1", "arrow 2")
    page = await library.search("arrow", limit=1)

    with pytest.raises(InvalidCursor):
        await library.search(**{"text": "arrow", "cursor": page.next_cursor} | other)
    assert await library.names("arrow", by=BOB, cursor=page.next_cursor) == []


@pytest.mark.parametrize("junk", ["=", "==", "!", "\n", " ", "A", "AAAA"])
async def test_a_cursor_with_more_around_it_is_a_problem(library: Library, junk: str) -> None:
    await library.put("arrow 1", "arrow 2")
    cursor = (await library.search("arrow", limit=1)).next_cursor
    assert cursor is not None

    for given in (junk + cursor, cursor + junk, cursor[:9] + junk + cursor[9:]):
        with pytest.raises(InvalidCursor):
            await library.search("arrow", cursor=given)


async def test_an_empty_cursor_is_the_first_page_as_in_every_list(library: Library) -> None:
    await library.put("arrow 1", "arrow 2")

    assert await library.names("arrow", limit=1, cursor="") == ["arrow 1"]


@pytest.mark.parametrize("text", ["ﷺ" * 12, "🎉" * 60 + "x", "ǆ" * 200])
async def test_a_cursor_fits_where_it_is_sent(library: Library, text: str) -> None:
    await library.put(f"{text} 1", f"{text} 2")

    page = await library.search(limit=1)
    assert page.next_cursor is not None
    assert len(page.next_cursor) <= MAX_CURSOR
    assert len((await library.search(limit=1, cursor=page.next_cursor)).hits) == 1


async def test_what_was_renamed_is_found_by_its_name_of_now(library: Library) -> None:
    [asset] = await library.put("arrow")
    assert await library.names("arrow") == ["arrow"]

    await library.save(replace(asset, name="circle"))

    assert await library.names("arrow") == []
    assert await library.names("circle") == ["circle"]


async def test_since_and_until_tell_when_it_was_added(library: Library) -> None:
    assets = await library.put("one", "two", "three")
    times = [START + timedelta(milliseconds=(asset.id.int >> 80) - START.timestamp() * 1000) for asset in assets]

    assert await library.names(since=times[1], sort="newest") == ["three", "two"]
    assert await library.names(until=times[1]) == ["one"]
    assert await library.names(since=times[1], until=times[2]) == ["two"]
    assert await library.names(since=times[2], until=times[1]) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [("paste", "pasting"), ("organize", "organization"), ("international", "internationally"), ("evening", "evenings")],
)
async def test_a_form_of_a_word_that_stemmers_have_disagreed_on_is_found(
    library: Library, name: str, text: str
) -> None:
    await library.put(name, "circle")

    found = await library.search(text)

    assert [marked(hit.parts) for hit in found.hits] == [f"[{name}]"]
    assert not found.forgiven


async def test_kits_are_found_by_their_names(library: Library) -> None:
    await library.shelf("Brand arrows")
    await library.shelf("Other")
    await library.put("arrow")

    hits = await library.search("arrow", kind="kit", facets=["space"])

    assert [marked(hit.parts) for hit in hits.hits] == ["Brand [arrows]"]
    assert [count.count for count in hits.facets["space"]] == [1]
    assert (await library.search("bramd", kind="kit")).forgiven
