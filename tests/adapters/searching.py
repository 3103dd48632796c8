"""A library to search in, kept by any storage and found by any engine."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from ports.entity import Entity
from ports.library import Asset, Kit, Member, Section, Space
from ports.search import Facet, Hits, Kind, SearchIndex, Sort, Suggestion, Wanted
from ports.tags import Tag, Tagging
from ports.uuid7 import uuid7
from tests.adapters.storage import Ports, Storage
from tests.library import KIT, SECTION, SPACE

ADA, BOB, EVE = "ada", "bob", "eve"
START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A section in a kit in a space: where assets are put."""

    space: Space
    kit: Kit
    section: Section


SHELF = Shelf(space=SPACE, kit=KIT, section=SECTION)


class Engine:
    """Searches in what is stored at once; one that must be told of it first does so in `settle`."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    @asynccontextmanager
    async def searching(self, actor: str) -> AsyncIterator[SearchIndex]:
        """The search as an actor has it."""
        async with self.storage.transaction(actor, readonly=True) as ports:
            yield self.index(ports, actor)

    def index(self, ports: Ports, actor: str) -> SearchIndex:
        return ports.search

    async def settle(self) -> None:
        """Return when all that is committed is found."""


class Library:
    """What is in it, and what is found in it; ids tell the seconds since the start, one for each thing put in."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self._seconds = engine, count(1)

    async def found(self) -> None:
        """A space of Ada's, a kit and a section in it."""
        await self.keep(SHELF.space, self.member(ADA), SHELF.kit, SHELF.section)

    async def keep(self, *entities: Entity) -> None:
        async with self.engine.storage.transaction("founder") as ports:
            for entity in entities:
                await ports.repo.add(entity)

    async def save(self, *entities: Entity) -> None:
        async with self.engine.storage.transaction("founder") as ports:
            for entity in entities:
                await ports.repo.save(entity)

    async def remove(self, *entities: Entity) -> None:
        async with self.engine.storage.transaction("founder") as ports:
            for entity in entities:
                await ports.repo.remove(entity)

    def new_id(self) -> UUID:
        seconds = next(self._seconds)
        return uuid7(START + timedelta(seconds=seconds), seconds)

    def member(self, actor: str, *, of: Space = SPACE) -> Member:
        return Member(id=self.new_id(), space_id=of.id, actor=actor, role="viewer")

    async def shelf(self, name: str, *, of: str | None = None, like: Shelf = SHELF, **kit: Any) -> Shelf:
        """Put a new kit in: in the space of another shelf, or in a new one that belongs to an actor."""
        space = replace(SPACE, id=self.new_id(), name=name) if of else like.space
        made = replace(KIT, id=self.new_id(), space_id=space.id, name=name, **kit)
        section = replace(SECTION, id=self.new_id(), space_id=space.id, kit_id=made.id)
        await self.keep(*((space, self.member(of, of=space)) if of else ()), made, section)
        return Shelf(space=space, kit=made, section=section)

    async def put(self, *names: str, on: Shelf = SHELF, **fields: Any) -> list[Asset]:
        """Put assets in, and return them."""
        placed: dict[str, Any] = {"space_id": on.space.id, "kit_id": on.kit.id, "section_id": on.section.id}
        image = {"sha256": "a" * 64, "media_type": "image/svg+xml", "size": 1}
        assets = [Asset(**(placed | image | {"id": self.new_id(), "name": name} | fields)) for name in names]
        await self.keep(*assets)
        return assets

    async def tag(self, name: str, *assets: Asset) -> Tag:
        tag = Tag(id=self.new_id(), space_id=assets[0].space_id, name=name)
        each = [Tagging(id=self.new_id(), space_id=tag.space_id, asset_id=a.id, tag_id=tag.id) for a in assets]
        await self.keep(tag, *each)
        return tag

    async def search(
        self,
        text: str | None = None,
        *,
        by: str = ADA,
        kind: Kind = "asset",
        sort: Sort = "best",
        limit: int = 50,
        cursor: str | None = None,
        facets: Sequence[Facet] = (),
        settled: bool = True,
        **wanted: Any,
    ) -> Hits:
        if settled:
            await self.engine.settle()
        asked = Wanted(kind=kind, text=text, **wanted)
        async with self.engine.searching(by) as index:
            return await index.search(asked, sort=sort, limit=limit, cursor=cursor, facets=facets)

    async def names(self, text: str | None = None, **asked: Any) -> list[str]:
        """The names of what is found, in that order."""
        return [name_of(hit.parts) for hit in (await self.search(text, **asked)).hits]

    async def suggest(self, text: str, *, by: str = ADA, limit: int = 10, **within: Any) -> list[Suggestion]:
        await self.engine.settle()
        async with self.engine.searching(by) as index:
            return await index.suggest(text, limit=limit, **within)

    async def suggested(self, text: str, **asked: Any) -> list[str]:
        return [name_of(each.parts) for each in await self.suggest(text, **asked)]


def name_of(parts: Sequence[Any]) -> str:
    return "".join(part.text for part in parts)


def marked(parts: Sequence[Any]) -> str:
    """The name, with what was looked for in brackets."""
    return "".join(f"[{part.text}]" if part.found else part.text for part in parts)
