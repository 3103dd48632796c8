"""Search in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from adapters.postgres.search_queries import Queries
from adapters.postgres.search_statements import MAX_PUBLIC, SCOPES, Statement
from adapters.postgres.suggestions import Within, begun, containing
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.vocabulary import close_words
from adapters.words.folding import folded
from adapters.words.parts import parts_of
from adapters.words.place import Place, question_of
from adapters.words.sought import Sought
from ports.search import COUNTED, KINDS, Count, Facet, Hit, Hits, Kind, Sort, Suggestion, Wanted

STEMS = """
select word, coalesce((ts_lexize('search_english', word))[1], word) as stem from unnest($1::text[]) sought (word)
"""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one search asks for, and within which spaces and kits: none of these is everywhere that one may see."""

    wanted: Wanted
    sought: Sought | None
    stems: Mapping[str, str]
    close: Mapping[str, Sequence[str]]
    scopes: list[UUID] | None
    sort: Sort
    behind: Place | None
    limit: int
    facets: Sequence[Facet]

    @property
    def queries(self) -> Queries | None:
        """The queries for its words, if it has any."""
        return Queries(self.sought, self.stems, self.close) if self.sought else None


class PostgresSearch:
    """Looks into the indexes of words, in the transaction of the caller."""

    def __init__(self, unit: PostgresUnitOfWork, actor: str) -> None:
        self._unit, self._actor = unit, actor

    async def search(
        self,
        wanted: Wanted,
        /,
        *,
        sort: Sort = "best",
        limit: int,
        cursor: str | None = None,
        facets: Sequence[Facet] = (),
    ) -> Hits:
        """See `SearchIndex`."""
        sought = None if wanted.text is None else Sought.of(wanted.text)
        behind = Place.told_by(cursor, wanted=wanted, sort=sort) if cursor else None
        asked = Asked(
            wanted=wanted,
            sought=sought,
            stems=await self._stems(sought),
            close=await close_words(await self._unit.driver(), sought) if sought and behind and behind.twice else {},
            behind=behind,
            scopes=await self._scopes(wanted.space_id),
            sort=sort,
            limit=limit,
            facets=facets,
        )
        first = await self._page(asked, forgiving=asked.behind.forgiving if asked.behind else 0)
        if first.total or sought is None or asked.behind is not None:
            return first
        if (once := await self._page(asked, forgiving=1)).total:
            return once
        close = await close_words(await self._unit.driver(), sought)
        twice = await self._page(replace(asked, close=close), forgiving=2) if close else first
        return twice if twice.total else first

    async def suggest(
        self, text: str, /, *, limit: int, space_id: UUID | None = None, kinds: Sequence[Kind] = KINDS
    ) -> list[Suggestion]:
        """See `SearchIndex`."""
        sought, beginning, within = Sought.of(text), folded(text), Within(space_id=space_id, kinds=kinds)
        driver = await self._unit.driver()
        rows = await driver.fetch(*begun(self._actor, beginning, within, limit=limit))
        if len(rows) < limit:
            scopes, queries = await self._scopes(space_id), Queries(sought, await self._stems(sought))
            others = containing(self._actor, scopes, queries, beginning, within, limit=limit - len(rows))
            rows += await driver.fetch(*others)
        return [Suggestion(kind=row["kind"], id=row["id"], parts=parts_of(row["name"], sought)) for row in rows]

    async def _stems(self, sought: Sought | None) -> Mapping[str, str]:
        """Return the stems that the database makes of the words: its version decides, of rows and questions alike."""
        rows = await (await self._unit.driver()).fetch(STEMS, sought.words) if sought else ()
        return {row["word"]: row["stem"] for row in rows}

    async def _scopes(self, space_id: UUID | None) -> list[UUID] | None:
        row = await (await self._unit.driver()).fetchrow(SCOPES, self._actor, space_id)
        return [*row["spaces"], *row["public"]] if len(row["public"]) <= MAX_PUBLIC else None

    async def _page(self, asked: Asked, *, forgiving: int) -> Hits:
        queries = asked.queries
        statement = Statement(self._actor, asked.scopes, asked.wanted)
        found = statement.found(queries, forgiving=forgiving)
        sql = statement.page(found, queries, sort=asked.sort, behind=asked.behind, limit=asked.limit + 1)
        total, *rows = await self._rows(sql, statement)
        page = rows[: asked.limit]
        return Hits(
            hits=[Hit(id=row["id"], parts=parts_of(row["name"], asked.sought, forgiving=forgiving)) for row in page],
            total=total,
            facets=await self._counts(asked, forgiving=forgiving) if asked.facets else {},
            forgiven=forgiving > 0,
            next_cursor=_cursor(asked, page[-1], forgiving=forgiving) if len(rows) > asked.limit else None,
        )

    async def _rows(self, sql: str, statement: Statement) -> list[Any]:
        """Return how many are found, and the rows of the page."""
        rows = await (await self._unit.driver()).fetch(sql, *statement.values)
        return [min(rows[0]["total"], COUNTED), *(row for row in rows if row["id"] is not None)]

    async def _counts(self, asked: Asked, *, forgiving: int) -> dict[Facet, list[Count]]:
        statement = Statement(self._actor, asked.scopes, asked.wanted)
        found = statement.found(asked.queries, forgiving=forgiving)
        held = [facet for facet in asked.facets if asked.wanted.kind == "asset" or facet == "space"]
        counts: dict[Facet, list[Count]] = {facet: [] for facet in asked.facets}
        sql = statement.counts(found, held)
        for row in await (await self._unit.driver()).fetch(sql, *statement.values) if held else ():
            counts[row["facet"]].append(Count(value=row["value"], count=row["count"]))
        return counts


def _cursor(asked: Asked, row: Any, *, forgiving: int) -> str:
    return Place(
        sort=asked.sort,
        question=question_of(asked.wanted),
        forgiven=forgiving > 0,
        twice=forgiving > 1,
        score=row["score"],
        words=row["word_count"],
        name=row["place"],
        id=UUID(bytes=row["id"].bytes),
    ).cursor()
