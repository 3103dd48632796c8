"""Search by every engine: words with what cannot be seen in them, without spaces between them, and two letters away."""

from dataclasses import replace

import pytest

from adapters.words.place import Place
from ports.search import Wanted
from tests.adapters.searching import BOB, Library, marked

UNSEEN = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\ufe0f", "\u180b", "\u034f", "\U000e0100")


@pytest.fixture
async def library(library_of_engine: Library) -> Library:
    await library_of_engine.found()
    return library_of_engine


async def test_what_cannot_be_seen_splits_no_word(library: Library) -> None:
    names = [f"ar{unseen}row {number}" for number, unseen in enumerate(UNSEEN)]
    await library.put("arrow", "ar row", *names)

    found = await library.search("arrow")

    assert [marked(hit.parts) for hit in found.hits] == [
        "[arrow]", *(f"[ar{unseen}row] {number}" for number, unseen in enumerate(UNSEEN))
    ]  # fmt: skip
    for unseen in UNSEEN:
        assert await library.names(f"ar{unseen}row") == ["arrow", *names]
        assert await library.suggested(f"ar{unseen}r", limit=1) == ["arrow"]


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("日本語アイコン", "アイコン", "日本語[アイコン]"),
        ("日本語アイコン", "語", "日本[語]アイコン"),
        ("日本語アイコン", "日本語アイ", "[日本語アイコン]"),
        ("日本語アイコン", "本語", "日[本語]アイコン"),
        ("お気に入り.svg", "気に入り", "お[気に入り].svg"),
        ("矢印 左", "印", "矢[印] 左"),
        ("arrow箭头", "arrow", "[arrow]箭头"),
        ("arrow箭头", "箭头", "arrow[箭头]"),
        ("화살표 왼쪽", "왼쪽", "화살표 [왼쪽]"),
    ],
)
async def test_what_is_written_without_spaces_is_found_by_what_is_in_it(
    library: Library, name: str, text: str, shown: str
) -> None:
    await library.put(name, "something else")

    assert [marked(hit.parts) for hit in (await library.search(text)).hits] == [shown]
    assert name in await library.suggested(text)


async def test_marks_in_any_order_are_the_same_word(library: Library) -> None:
    await library.put("a\u302e\U0001d165b", "a\U0001d165\u302eb")

    assert len(await library.names("ab")) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("microphone", "microfone"),
        ("microphone", "microhpoen"),
        ("microphone", "mcrphone"),
        ("microphone", "microophhone"),
        ("circle", "cyrkle"),
        ("arrow", "aarroow"),
        ("Mikrofón", "mekrofen"),
        ("blue microphone 2024", "microfone blue 2024"),
        ("exclamation-triangle", "exlamtion triangel"),
    ],
)
async def test_two_letters_of_a_long_word_are_forgiven_if_nothing_else_is_there(
    library: Library, name: str, text: str
) -> None:
    await library.put(name, "something else")

    hits = await library.search(text)

    assert ["".join(part.text for part in hit.parts) for hit in hits.hits] == [name]
    assert any(part.found for part in hits.hits[0].parts)
    assert (hits.total, hits.forgiven) == (1, True)


@pytest.mark.parametrize(
    "text", ["arrwo upp", "rowxx", "microfonen", "mikrofones", "132465", "20240311", "micr02hone", "imternatiomalizing"]
)
async def test_three_letters_numbers_and_words_too_short_or_too_long_are_not(library: Library, text: str) -> None:
    await library.put("arrow", "microphone", "123456x", "20240130", "internationalizing", "microphones2")

    hits = await library.search(text)

    assert (hits.hits, hits.total, hits.forgiven) == ([], 0, False)


async def test_as_few_letters_as_find_anything_are_forgiven(library: Library) -> None:
    await library.put("calendar", "colander")

    assert await library.names("calender") == ["calendar"]
    assert await library.names("calander") == ["colander"]
    assert await library.names("calandrr") == ["calendar", "colander"]


async def test_what_others_have_is_neither_found_nor_in_the_way(library: Library) -> None:
    theirs = await library.shelf("Theirs", of=BOB)
    await library.put("microphone", "microfon", on=theirs)

    assert (await library.search("microfone")).hits == []

    await library.put("microphone mine")

    assert await library.names("microfone") == ["microphone mine"]
    assert await library.names("microfone", by=BOB) == ["microfon"]


async def test_what_was_renamed_is_forgiven_by_its_name_of_now(library: Library) -> None:
    [asset] = await library.put("circle")
    assert await library.names("microfone") == []

    await library.save(replace(asset, name="microphone"))

    assert await library.names("microfone") == ["microphone"]
    assert await library.names("cyrkle") == []


async def test_pages_of_what_was_forgiven_twice_go_on(library: Library) -> None:
    names = [f"microphone {number}" for number in range(5)]
    await library.put(*names)
    found, cursor = list[str](), None

    while cursor or not found:
        page = await library.search("microfone", limit=2, cursor=cursor)
        found += ["".join(part.text for part in hit.parts) for hit in page.hits]
        assert (page.total, page.forgiven) == (5, True)
        cursor = page.next_cursor

    assert found == names


async def test_a_cursor_tells_of_two_letters_only_where_they_were_forgiven(library: Library) -> None:
    await library.put("microphone 1", "microphone 2")
    texts = {"microphone": 0, "microphon3": 1, "microfone": 2}

    for asked, forgiving in texts.items():
        cursor = (await library.search(asked, limit=1)).next_cursor
        assert cursor is not None
        place = Place.told_by(cursor, wanted=Wanted(kind="asset", text=asked), sort="best")
        assert (place.forgiving, "twice" in place.model_fields_set) == (forgiving, forgiving == 2)


async def test_kits_are_forgiven_two_letters_too(library: Library) -> None:
    await library.shelf("Microphones")

    hits = await library.search("microfones", kind="kit")

    assert [marked(hit.parts) for hit in hits.hits] == ["[Microphones]"]
