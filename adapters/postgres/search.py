"""Search in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from adapters.postgres.search_queries import Queries
from adapters.postgres.search_statements import MAX_PUBLIC, SCOPES, Statement
from adapters.postgres.suggestions import Within, begun, containing
from adapters.postgres.unit_of_work import PostgresUnitOfWork
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
    scopes: list[UUID] | None
    sort: Sort
    behind: Place | None
    limit: int
    facets: Sequence[Facet]

    @property
    def held(self) -> Sequence[Facet]:
        """The facets that such a thing has."""
        return [facet for facet in self.facets if self.wanted.kind == "asset" or facet == "space"]

    @property
    def queries(self) -> Queries | None:
        """The queries for its words, if it has any."""
        return Queries(self.sought, self.stems) if self.sought else None


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
        asked = Asked(
            wanted=wanted,
            sought=sought,
            stems=await self._stems(sought),
            behind=Place.told_by(cursor, wanted=wanted, sort=sort) if cursor else None,
            scopes=await self._scopes(wanted.space_id),
            sort=sort,
            limit=limit,
            facets=facets,
        )
        hits = await self._page(asked, forgiving=asked.behind is not None and asked.behind.forgiven)
        if hits.total or asked.sought is None or asked.behind is not None:
            return hits
        forgiven = await self._page(asked, forgiving=True)
        return forgiven if forgiven.total else hits

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

    async def _page(self, asked: Asked, *, forgiving: bool) -> Hits:
        queries = asked.queries
        statement = Statement(self._actor, asked.scopes, asked.wanted)
        found = statement.found(queries, forgiving=forgiving)
        sql = statement.page(
            found, queries, sort=asked.sort, behind=asked.behind, limit=asked.limit + 1, facets=asked.held
        )
        answered = await (await self._unit.driver()).fetch(sql, *statement.values)
        rows = [row for row in answered if row["id"] is not None]
        page = rows[: asked.limit]
        return Hits(
            hits=[Hit(id=row["id"], parts=parts_of(row["name"], asked.sought, forgiving=forgiving)) for row in page],
            total=min(answered[0]["total"], COUNTED),
            facets=_counts(asked, next((row["counts"] for row in answered if row["counts"]), None)),
            forgiven=forgiving,
            next_cursor=_cursor(asked, page[-1], forgiven=forgiving) if len(rows) > asked.limit else None,
        )


def _counts(asked: Asked, told: str | None) -> Mapping[Facet, list[Count]]:
    counts: dict[Facet, list[Count]] = {facet: [] for facet in asked.facets}
    for each in from_json(told) if told else ():
        counts[each["facet"]].append(Count(value=each["value"], count=each["count"]))
    return counts


def _cursor(asked: Asked, row: Any, *, forgiven: bool) -> str:
    return Place(
        sort=asked.sort,
        question=question_of(asked.wanted),
        forgiven=forgiven,
        score=row["score"],
        words=row["word_count"],
        name=row["place"],
        id=UUID(bytes=row["id"].bytes),
    ).cursor()
