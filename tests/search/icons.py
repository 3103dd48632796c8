"""The icons in an engine, and how questions are asked of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from ports.library import Asset
from ports.search import Facet, Hits
from service.composition import Service
from tests.adapters.searching import ADA, BOB, SHELF, Library, Shelf, name_of
from tests.search.questions import ADS, BOBS, CAROLS, TAGS, Question

EVERY_FACET: Sequence[Facet] = ("space", "kit", "section", "tag", "media_type", "added_by")
PAGE = 100


class Named(NamedTuple):
    """An icon: its style and its file's name."""

    style: str
    name: str


class Icons:
    """Ada's library of icons, beside Bob's of which she is to hear nothing."""

    def __init__(self, library: Library, service: Service, names: Sequence[Named]) -> None:
        self.library, self.service, self.names = library, service, names
        self.shelves: dict[str, Shelf] = {}
        self.ads, self.airships = SHELF, SHELF
        self.assets: list[Asset] = []

    async def load(self) -> None:
        library = self.library
        await library.found()
        for place, style in enumerate(dict.fromkeys(named.style for named in self.names), start=1):
            section = replace(SHELF.section, id=library.new_id(), name=style, position=place)
            await library.keep(section)
            self.shelves[style] = replace(SHELF, section=section)
            mine = [named.name for named in self.names if named.style == style]
            self.assets += await library.put(*mine, on=self.shelves[style], added_by=by(style))
        self.ads = await library.shelf("Ads")
        self.assets += await library.put(*ADS, on=self.ads, added_by=ADA)
        self.airships = await library.shelf("Airships", of=BOB)
        theirs = await library.put(*BOBS, on=self.airships, added_by=BOB)
        for tag, word in TAGS.items():
            await library.tag(tag, *(each for each in self.assets if word in words(each.name)))
        await library.tag("flying", *theirs)
        await library.engine.settle()

    @property
    def own_values(self) -> set[str]:
        """All that a facet may tell Ada of."""
        told = {name for each in self.assets for name in (each.space_id, each.kit_id, each.section_id)}
        return {*map(str, told), *TAGS, "image/svg+xml", ADA, "carol"}

    def filters(self, question: Question) -> dict[str, Any]:
        """The filters of a question, by ids."""
        kits = {"Ads": self.ads.kit.id, "Airships": self.airships.kit.id}
        sections = {style: shelf.section.id for style, shelf in self.shelves.items()}
        named: dict[str, dict[str, UUID]] = {"section": sections, "kit": kits}
        asked: dict[str, Any] = {
            f"{name}_id": ids[question.filters[name]] for name, ids in named.items() if name in question.filters
        }
        return asked | {name: value for name, value in question.filters.items() if name not in named}

    async def first(self, question: Question) -> Hits:
        return await self.library.search(question.text, by=ADA, limit=3, facets=EVERY_FACET, **self.filters(question))

    async def all(self, question: Question) -> list[tuple[str, UUID]]:
        """The name and the id of each that is found, page by page."""
        found, cursor = list[tuple[str, UUID]](), None
        while True:
            hits = await self.library.search(question.text, by=ADA, limit=PAGE, cursor=cursor, **self.filters(question))
            found += [(name_of(hit.parts), hit.id) for hit in hits.hits]
            if (cursor := hits.next_cursor) is None:
                assert len(found) == hits.total
                return found


def by(style: str) -> str:
    """Who added the icons of a style."""
    return "carol" if style in CAROLS else ADA


def words(name: str) -> list[str]:
    return name.split(".", maxsplit=1)[0].split("-")
