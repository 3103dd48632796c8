"""Search by every engine: who may see what, what is counted, and what is suggested."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.postgres.search_statements import MAX_PUBLIC
from ports.search import MAX_FACET, Count
from tests.adapters.searching import ADA, BOB, EVE, SHELF, START, Library, marked, name_of


@pytest.fixture
async def library(library_of_engine: Library) -> Library:
    await library_of_engine.found()
    return library_of_engine


async def test_members_find_what_is_in_their_spaces_and_others_do_not(library: Library) -> None:
    await library.put("arrow")
    theirs = await library.shelf("Theirs", of=BOB)
    await library.put("arrow of Bob", on=theirs)

    assert await library.names("arrow") == ["arrow"]
    assert await library.names("arrow", by=BOB) == ["arrow of Bob"]
    assert (await library.search("arrow", by=EVE)).total == 0
    assert await library.names(by=EVE) == []
    assert await library.names(kind="kit", by=EVE) == []
    assert await library.suggested("arrow", by=EVE) == []


async def test_nothing_of_others_is_told_by_totals_facets_or_what_is_forgiven(library: Library) -> None:
    theirs = await library.shelf("Theirs", of=BOB)
    await library.put("arow", on=theirs)
    await library.put("arrow")

    hits = await library.search("arow", facets=["space", "kit", "media_type"])

    assert [marked(hit.parts) for hit in hits.hits] == ["[arrow]"]  # what Bob has does not keep it from being forgiven
    assert (hits.total, hits.forgiven) == (1, True)
    assert hits.facets["space"] == [Count(value=str(SHELF.space.id), count=1)]
    assert hits.facets["kit"] == [Count(value=str(SHELF.kit.id), count=1)]


async def test_who_is_no_longer_a_member_finds_nothing(library: Library) -> None:
    await library.put("arrow")
    member = library.member(BOB)
    await library.keep(member)
    assert await library.names("arrow", by=BOB) == ["arrow"]

    await library.remove(member)

    assert await library.names("arrow", by=BOB) == []


async def test_what_is_in_public_kits_is_found_by_everybody(library: Library) -> None:
    public = await library.shelf("Public arrows", of=BOB, visibility="public")
    await library.put("arrow", on=public)
    private = await library.shelf("Private arrows", like=public)
    await library.put("arrow", on=private)

    for actor in (ADA, EVE):
        assert await library.names("arrow", by=actor) == ["arrow"]
        assert await library.names("arrow", by=actor, kind="kit") == ["Public arrows"]
        assert await library.names("arrow", by=actor, space_id=public.space.id) == ["arrow"]
        assert await library.names("arrow", by=actor, kit_id=private.kit.id) == []
        assert await library.suggested("arrow", by=actor) == ["arrow", "Public arrows"]

    await library.save(replace(public.kit, visibility="private"))

    assert await library.names("arrow", by=EVE) == []
    assert len(await library.names("arrow", by=BOB)) == 2


async def test_a_kit_made_private_a_moment_ago_counts_for_no_stranger(library: Library) -> None:
    """Nor does what it holds keep a letter from being forgiven; what was made public is found as soon."""
    shop = await library.shelf("Shop", of=BOB, visibility="public")
    cellar = await library.shelf("Cellar", like=shop)
    await library.put("arrow", on=shop)
    await library.put("arow", on=cellar)
    assert await library.names("arrow", by=EVE, facets=["kit"]) == ["arrow"]

    await library.save(replace(shop.kit, visibility="private"), replace(cellar.kit, visibility="public"))
    assets = await library.search("arrow", by=EVE, facets=["space", "kit", "media_type"], settled=False)
    kits = await library.search(by=EVE, kind="kit", facets=["space"], settled=False)

    assert ([marked(hit.parts) for hit in assets.hits], assets.total, assets.forgiven) == (["[arow]"], 1, True)
    assert assets.facets["kit"] == [Count(value=str(cellar.kit.id), count=1)]
    assert ([marked(hit.parts) for hit in kits.hits], kits.total) == (["Cellar"], 1)
    assert kits.facets["space"] == [Count(value=str(shop.space.id), count=1)]


async def test_with_more_public_kits_than_are_named_strangers_find_what_is_in_one(library: Library) -> None:
    shelf = await library.shelf("Last", of=BOB, visibility="public")
    await library.put("arrow", on=shelf)
    many = [replace(shelf.kit, id=library.new_id(), name=f"Kit {number}") for number in range(MAX_PUBLIC)]
    await library.keep(*many)

    hits = await library.search("arrow", by=EVE, facets=["kit"])

    assert (hits.total, hits.facets) == (1, {"kit": [Count(value=str(shelf.kit.id), count=1)]})
    assert await library.names("kit 999", by=EVE, kind="kit") == ["Kit 999"]
    await library.save(replace(shelf.kit, visibility="private"))
    assert (await library.search("arrow", by=EVE, settled=False)).hits == []


async def test_archived_kits_and_the_trash_are_not_found(library: Library) -> None:
    attic = await library.shelf("arrow attic", archived_at=START)
    public = await library.shelf("arrow public", archived_at=START, visibility="public")
    await library.put("arrow old", on=attic)
    await library.put("arrow open", on=public)
    await library.put("arrow gone", removed_at=START)

    assert (await library.search("arrow")).total == 0
    assert await library.names() == []
    assert await library.names("arrow", kind="kit") == []
    assert await library.suggested("arrow") == []
    assert await library.names(kit_id=attic.kit.id) == []

    await library.save(replace(attic.kit, archived_at=None))

    assert await library.names("arrow") == ["arrow old"]


async def test_a_filter_on_what_one_may_not_see_finds_nothing(library: Library) -> None:
    theirs = await library.shelf("Theirs", of=BOB)
    await library.put("arrow", on=theirs)
    await library.put("arrow")

    for name in ("space", "kit", "section"):
        assert await library.names("arrow", **{f"{name}_id": getattr(theirs, name).id}) == []
        assert await library.names("arrow", **{f"{name}_id": getattr(SHELF, name).id}) == ["arrow"]
        assert await library.names(**{f"{name}_id": getattr(SHELF, name).id}) == ["arrow"]


async def test_filters_all_hold_at_once(library: Library) -> None:
    red, blue = await library.put("arrow red", "arrow blue", added_by="carol")
    await library.put("arrow green", media_type="image/png")
    await library.tag("nav", red)

    assert await library.names("arrow", added_by="carol") == ["arrow blue", "arrow red"]
    assert await library.names(added_by="nobody") == []
    assert await library.names("arrow", media_type="image/png") == ["arrow green"]
    assert await library.names("arrow", tag="nav") == ["arrow red"]
    assert await library.names("arrow", tag="Nav") == []
    assert await library.names("arrow", tag="nav", added_by="carol", media_type="image/svg+xml") == ["arrow red"]
    assert await library.names("arrow", tag="nav", media_type="image/png") == []
    assert await library.names("blue", tag="nav") == []
    assert blue.added_by == "carol"


async def test_facets_count_what_was_found(library: Library) -> None:
    other = await library.shelf("Other")
    red, blue, _ = await library.put("arrow red", "arrow blue", "circle", added_by="carol")
    await library.put("arrow green", on=other, media_type="image/png")
    await library.tag("nav", red, blue)
    await library.tag("ui", red)

    hits = await library.search("arrow", limit=1, facets=["space", "kit", "section", "tag", "media_type", "added_by"])

    assert hits.total == 3
    assert hits.facets == {
        "space": [Count(value=str(SHELF.space.id), count=3)],
        "kit": [Count(value=str(SHELF.kit.id), count=2), Count(value=str(other.kit.id), count=1)],
        "section": [Count(value=str(SHELF.section.id), count=2), Count(value=str(other.section.id), count=1)],
        "tag": [Count(value="nav", count=2), Count(value="ui", count=1)],
        "media_type": [Count(value="image/svg+xml", count=2), Count(value="image/png", count=1)],
        "added_by": [Count(value="carol", count=2)],
    }


async def test_who_added_something_is_for_members_to_know(library: Library) -> None:
    theirs = await library.shelf("theirs", of=BOB, visibility="public")
    await library.put("arrow", added_by="carol")
    await library.put("arrow", on=theirs, added_by="carol")
    await library.put("arrow up", on=theirs, added_by="dave")

    for_ada = await library.search("arrow", facets=["added_by"])
    for_bob = await library.search("arrow", by=BOB, facets=["added_by"])

    assert (for_ada.total, for_ada.facets) == (3, {"added_by": [Count(value="carol", count=1)]})
    assert for_bob.facets["added_by"] == [Count(value="carol", count=1), Count(value="dave", count=1)]
    assert await library.names("arrow", added_by="carol") == ["arrow"]
    assert await library.names("arrow", added_by="dave") == []
    assert await library.names("arrow", by=BOB, added_by="dave") == ["arrow up"]


async def test_facets_of_nothing_are_empty_and_of_much_are_cut(library: Library) -> None:
    for number in range(MAX_FACET + 2):
        await library.put(f"arrow {number}", added_by=f"actor-{number:02}")

    nothing = await library.search("circle", facets=["kit", "tag"])
    much = await library.search("arrow", facets=["added_by"])

    assert nothing.facets == {"kit": [], "tag": []}
    assert [each.value for each in much.facets["added_by"]] == [f"actor-{number:02}" for number in range(MAX_FACET)]


async def test_facets_of_a_later_page_count_the_same(library: Library) -> None:
    await library.put("arrow 1", "arrow 2", added_by="carol")
    first = await library.search("arrow", limit=1, facets=["added_by"])

    second = await library.search("arrow", limit=1, facets=["added_by"], cursor=first.next_cursor)

    assert first.facets == second.facets == {"added_by": [Count(value="carol", count=2)]}


async def test_suggestions_that_begin_with_the_text_come_first(library: Library) -> None:
    await library.put("left arrow", "arrow-up", "Arrow down", "zoom arrowhead", "circle")
    await library.shelf("arrow kit")

    suggestions = await library.suggest("arrow")

    assert [marked(each.parts) for each in suggestions] == [
        "[Arrow] down", "[arrow] kit", "[arrow]-up", "left [arrow]", "zoom [arrowhead]",
    ]  # fmt: skip
    assert [each.kind for each in suggestions] == ["asset", "kit", "asset", "asset", "asset"]


async def test_suggestions_are_of_the_kinds_asked_for(library: Library) -> None:
    await library.put("arrow kit", "left arrow", "zoom arrow")
    for name in ("arrow kit", "Arrow shop", "zoom arrow"):
        await library.shelf(name)

    async def kinds(**asked: Any) -> list[tuple[str, str]]:
        return [(name_of(each.parts), each.kind) for each in await library.suggest("arrow", **asked)]

    assert await kinds(kinds=["asset"]) == [("arrow kit", "asset"), ("left arrow", "asset"), ("zoom arrow", "asset")]
    assert await kinds(kinds=["asset"], limit=1) == [("arrow kit", "asset")]
    assert await kinds(kinds=["kit"]) == [("arrow kit", "kit"), ("Arrow shop", "kit"), ("zoom arrow", "kit")]
    assert await kinds() == await kinds(kinds=["kit", "asset"])


@pytest.mark.parametrize("text", ["a", "ar", "ARR", "ärrow", "arrow l", "arrow_lef", "left", "lef", "left arr"])
async def test_a_beginning_suggests_the_name(library: Library, text: str) -> None:
    await library.put("Arrow-left", "circle")

    assert await library.suggested(text) == ["Arrow-left"]


@pytest.mark.parametrize("text", ["rrow", "aroww", "arrow x", "arrow%", "_rrow"])
async def test_nothing_is_forgiven_in_a_suggestion(library: Library, text: str) -> None:
    await library.put("arow", "left-arrow")

    assert [name for name in await library.suggested(text) if name == "arow"] == []


async def test_suggested_names_are_different_and_not_too_many(library: Library) -> None:
    other = await library.shelf("Other")
    await library.put("arrow 1", "arrow 2", "arrow 3", "the arrow")
    await library.put("arrow 1", "arrow 2", on=other)

    assert await library.suggested("arrow", limit=2) == ["arrow 1", "arrow 2"]
    assert await library.suggested("arrow") == ["arrow 1", "arrow 2", "arrow 3", "the arrow"]


async def test_suggestions_of_a_space_are_of_no_other(library: Library) -> None:
    mine = await library.shelf("Mine", of=ADA)
    await library.put("arrow mine", on=mine)
    await library.put("arrow")

    assert await library.suggested("arrow", space_id=mine.space.id) == ["arrow mine"]
    assert await library.suggested("arrow") == ["arrow", "arrow mine"]
    assert await library.suggested("arrow", space_id=mine.kit.id) == []
