from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from handlers.search_assets import FoundAsset, SearchAssets
from ports.argument import InvalidArguments
from ports.cursor import InvalidCursor
from ports.library import Asset, Kit
from ports.search import Count, Facet, Hit, Hits, NamePart, NoWords, TooManyWords
from ports.sight import NamedCount
from service.testing import Trial
from tests.library import ASSET, KIT, OTHER_SPACE, SECTION, SPACE, TAG, TAGGING, member

LEFT = replace(ASSET, id=UUID(int=40), name="arrow-left.svg", added_by="ada")
LIBRARY = (SPACE, KIT, SECTION, ASSET, LEFT, TAG, TAGGING)
REMOVED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def library(*more: object) -> Trial:
    return Trial(*LIBRARY, member("viewer"), *more)  # type: ignore[arg-type]


class Behind:
    """An engine that has not heard yet of what happened."""

    def __init__(self, *found: Asset, facets: dict[Facet, list[Count]] | None = None) -> None:
        hits = [Hit(id=each.id, parts=[NamePart(text=each.name, found=True)]) for each in found]
        self.hits = Hits(hits=hits, total=len(hits), facets=facets or {}, forgiven=False, next_cursor=None)

    async def search(self, *_: object, **__: object) -> Hits:
        return self.hits


async def test_an_asset_is_found_with_its_name_in_parts_and_its_tags() -> None:
    found = await library().run(SearchAssets, text="Arrows")

    assert found.items[0] == FoundAsset(
        asset=ASSET,
        name_parts=[NamePart(text="arrow", found=True), NamePart(text=".svg", found=False)],
        tags=[TAG.name],
    )
    assert [item.asset for item in found.items] == [ASSET, LEFT]
    assert (found.total, found.facets, found.forgiven, found.next_cursor) == (2, {}, False, None)


async def test_who_added_an_asset_is_for_members_to_know() -> None:
    found = await Trial(SPACE, replace(KIT, visibility="public"), SECTION, LEFT).run(SearchAssets, facets=True)

    assert ([item.asset for item in found.items], found.facets["added_by"]) == ([replace(LEFT, added_by=None)], [])


async def test_facets_tell_the_names_of_what_they_count() -> None:
    found = await library().run(SearchAssets, text="arrow", facets=True)

    assert found.facets == {
        "space": [NamedCount(value=str(SPACE.id), name="Design", count=2)],
        "kit": [NamedCount(value=str(KIT.id), name="Brand", count=2)],
        "section": [NamedCount(value=str(SECTION.id), name="Logos", count=2)],
        "tag": [NamedCount(value=TAG.name, name=None, count=1)],
        "media_type": [NamedCount(value="image/svg+xml", name=None, count=2)],
        "added_by": [NamedCount(value="ada", name=None, count=1)],
    }


@pytest.mark.parametrize("kit", [KIT, replace(KIT, visibility="public")])
async def test_facets_name_what_the_credentials_let_be_read_by_itself(kit: Kit) -> None:
    trial = library(kit)

    async def named(*scopes: str) -> dict[str, str | None]:
        found = await trial.by("tester", "asset.read", *scopes).run(SearchAssets, text="arrow", facets=True)
        return {facet: found.facets[facet][0].name for facet in ("space", "kit", "section")}

    assert await named() == {"space": None, "kit": None, "section": None}
    assert await named("kit.read") == {"space": None, "kit": "Brand", "section": "Logos"}
    assert await named("space.*") == {"space": "Design", "kit": None, "section": None}
    assert await named("*") == {"space": "Design", "kit": "Brand", "section": "Logos"}


async def test_a_page_goes_on_where_the_one_before_ended() -> None:
    trial = library()
    first = await trial.run(SearchAssets, limit=1)

    second = await trial.run(SearchAssets, limit=1, cursor=first.next_cursor)

    assert [item.asset for item in (*first.items, *second.items)] == [ASSET, LEFT]
    assert second.next_cursor is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"added_by": "ada"}, [LEFT]),
        ({"tag": "navigation"}, [ASSET]),
        ({"section_id": SECTION.id, "text": "left"}, [LEFT]),
        ({"media_type": "image/png"}, []),
        ({"since": datetime(2030, 1, 1, tzinfo=UTC)}, []),
        ({"text": "circle"}, []),
    ],
)
async def test_what_is_asked_for_is_found(asked: dict[str, object], found: list[Asset]) -> None:
    answer = await library().run(SearchAssets, **asked)

    assert [item.asset for item in answer.items] == found


async def test_a_letter_is_forgiven_and_told() -> None:
    found = await library().run(SearchAssets, text="arow lef")

    assert ([item.asset for item in found.items], found.forgiven) == ([LEFT], True)


async def test_a_stranger_finds_what_is_public_and_not_whose_it_is() -> None:
    public = replace(KIT, visibility="public")
    trial = Trial(*(each for each in LIBRARY if each is not KIT), public, member("owner", "somebody"))

    found = await trial.run(SearchAssets, text="arrow", facets=True)

    assert len(found.items) == 2
    assert found.facets["space"] == [NamedCount(value=str(SPACE.id), name=None, count=2)]
    assert found.facets["kit"] == [NamedCount(value=str(KIT.id), name="Brand", count=2)]


@pytest.mark.parametrize("name", ["space_id", "kit_id", "section_id"])
async def test_a_filter_on_what_one_may_not_see_is_one_on_nothing(name: str) -> None:
    trial = Trial(*LIBRARY, member("owner", "somebody"), member("owner", of=OTHER_SPACE))

    hidden = await trial.run(SearchAssets, **{name: getattr(ASSET, name)}, facets=True)

    assert hidden == await trial.run(SearchAssets, **{name: UUID(int=99)}, facets=True)
    assert (hidden.items, hidden.total) == ([], 0)


async def test_what_an_engine_tells_too_late_is_left_out() -> None:
    removed = replace(ASSET, id=UUID(int=41), removed_at=REMOVED_AT)
    archived = replace(KIT, id=UUID(int=42), archived_at=REMOVED_AT)
    in_attic = replace(ASSET, id=UUID(int=43), kit_id=archived.id)
    foreign = replace(KIT, id=UUID(int=44), space_id=OTHER_SPACE.id)
    of_others = replace(ASSET, id=UUID(int=45), kit_id=foreign.id, space_id=OTHER_SPACE.id)
    gone = replace(ASSET, id=UUID(int=46))
    counted = [Count(value=str(each.id), count=1) for each in (KIT, archived, foreign)]
    behind = Behind(removed, in_attic, of_others, gone, LEFT, facets={"kit": counted})
    trial = library(removed, archived, in_attic, foreign, of_others).place(search=behind)

    found = await trial.run(SearchAssets, text="arrow")

    assert [item.asset for item in found.items] == [LEFT]
    assert found.facets == {"kit": [NamedCount(value=str(KIT.id), name="Brand", count=1)]}


async def test_another_name_by_now_is_told_as_it_is() -> None:
    trial = library().place(search=Behind(replace(LEFT, name="before")))

    found = await trial.run(SearchAssets, text="before")

    assert found.items[0].name_parts == [NamePart(text="arrow-left.svg", found=False)]


async def test_a_text_needs_words_and_not_too_many() -> None:
    for text, problem in ((" &|! ", NoWords), ("a b c d e f g h i j k l m", TooManyWords)):
        with pytest.raises(problem):
            await library().run(SearchAssets, text=text)


async def test_a_cursor_of_nowhere_is_a_problem() -> None:
    with pytest.raises(InvalidCursor):
        await library().run(SearchAssets, cursor="?")


@pytest.mark.parametrize("text", ["x" * 201, "a" * 10_000])
async def test_a_text_without_end_is_refused(text: str) -> None:
    with pytest.raises(InvalidArguments):
        await library().run(SearchAssets, text=text)
