"""Questions of a designer to every engine, and how well they are answered."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ports.library import Asset
from ports.search import Facet, Hit, Suggestion
from tests.adapters.searching import ADA, name_of
from tests.search.icons import EVERY_FACET, Icons, words
from tests.search.questions import QUESTIONS, TAGS, Question

PAGE = Path(__file__).parents[2] / "docs" / "search.md"
ICONS, LEAST = 1288, 36
FORMS = {"arrow": "arrows?"}  # of the words in front that are asked for, those that have other forms in the library
EXACT = [each for each in QUESTIONS if each.kind in ("exact", "prefix", "filter")]
COUNTED = [each for each in QUESTIONS if each.kind == "facet"]


def has_the_words(question: Question, name: str) -> bool:
    """Whether a name has all words, the last one as a beginning."""
    *front, last = re.findall(r"[a-z0-9]+", question.text.lower())
    patterns = [*(rf"\b{FORMS.get(word, word)}\b" for word in front), rf"\b{last}"]
    return all(re.search(pattern, name) for pattern in patterns)


def fits(icons: Icons, question: Question, asset: Asset) -> bool:
    """Whether what the filters say is true of an asset."""
    said = dict.fromkeys(question.filters)
    said |= {name: getattr(asset, name) for name in ("added_by", "media_type") if name in said}
    styles = {shelf.section.id: style for style, shelf in icons.shelves.items()}
    said |= {"section": styles.get(asset.section_id or asset.id)} if "section" in said else {}
    said |= {"kit": "Ads" if asset.kit_id == icons.ads.kit.id else "Icons"} if "kit" in said else {}
    tag = question.filters.get("tag")
    said |= {"tag": tag} if tag and TAGS[tag] in words(asset.name) else {}
    return said == question.filters


def wanted(icons: Icons, question: Question) -> list[Asset]:
    return [each for each in icons.assets if has_the_words(question, each.name) and fits(icons, question, each)]


def values(facet: Facet, asset: Asset) -> Iterator[str]:
    if facet == "tag":
        yield from (tag for tag, word in TAGS.items() if word in words(asset.name))
    else:
        yield str(getattr(asset, facet if facet in ("media_type", "added_by") else f"{facet}_id"))


async def is_answered(icons: Icons, question: Question) -> bool:
    hits = await icons.first(question)
    return (
        question.expected in [name_of(hit.parts) for hit in hits.hits]
        if question.expected is not None
        else not hits.hits
    )


def listed() -> list[tuple[str, str]]:
    """The questions that the page lists as missed, and what they hoped for."""
    _, _, section = PAGE.read_text().partition("## How well it finds")
    return re.findall(r"^\| `(.+?)` \| `(.+?)` \|", section.partition("\n## ")[0], flags=re.MULTILINE)


def test_there_are_forty_questions_over_all_the_icons(names: list[tuple[str, str]]) -> None:
    assert len({question.written for question in QUESTIONS}) == len(QUESTIONS) == 40
    assert len(names) == ICONS


@pytest.mark.parametrize("question", EXACT, ids=lambda each: each.written)
async def test_each_engine_finds_the_same_that_has_the_words(icons: Icons, question: Question) -> None:
    expected = {asset.id: asset.name for asset in wanted(icons, question)}

    found = await icons.all(question)

    assert {asset_id: name for name, asset_id in found} == expected
    assert len(found) == len(expected) > 0


@pytest.mark.parametrize("question", COUNTED, ids=lambda each: each.written)
async def test_each_engine_counts_the_same(icons: Icons, question: Question) -> None:
    assets = wanted(icons, question)

    facets = (await icons.first(question)).facets

    for facet in question.facets:
        expected = Counter(value for asset in assets for value in values(facet, asset))
        assert {each.value: each.count for each in facets[facet]} == expected


async def test_what_is_hoped_for_is_among_the_first_three(icons: Icons) -> None:
    missed = [(each.written, each.expected) for each in QUESTIONS if not await is_answered(icons, each)]

    assert missed == listed()
    assert len(QUESTIONS) - len(missed) >= LEAST


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.written)
async def test_no_question_tells_of_another_s_space(icons: Icons, question: Question) -> None:
    hits = await icons.first(question)
    suggestions = await icons.library.suggest(question.text, by=ADA, limit=20)

    own = {asset.id: asset.name for asset in icons.assets} | {
        shelf.kit.id: shelf.kit.name for shelf in (*icons.shelves.values(), icons.ads)
    }
    found: list[Hit | Suggestion] = [*hits.hits, *suggestions]
    told = [(each.id, name_of(each.parts)) for each in found]
    assert [each for each in told if each not in own.items()] == []
    assert {count.value for facet in EVERY_FACET for count in hits.facets[facet]} <= icons.own_values
    if question.kind == "another's space":
        assert (hits.hits, hits.total, hits.forgiven) == ([], 0, False)
        assert not any(hits.facets.values())


async def test_bob_finds_what_ada_does_not(icons: Icons) -> None:
    assert await icons.library.names("zepelin", by="bob") == ["zeppelin.svg", "rocket-zeppelin.svg"]
    assert await icons.library.suggested("zepp", by="bob") == ["zeppelin.svg", "rocket-zeppelin.svg"]
