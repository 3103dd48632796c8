"""Search by Elasticsearch: the engine finds, and the database has the last word on who may see it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from adapters.elasticsearch.cluster import Cluster
from adapters.elasticsearch.queries import ORDERS, SUGGESTED, Scope, behind, counted_by, found_by, suggested_by
from adapters.postgres.search_statements import MAX_PUBLIC, SCOPES
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.words.parts import parts_of
from adapters.words.place import Place, question_of
from adapters.words.sought import Sought
from ports.search import COUNTED, KINDS, Count, Facet, Hit, Hits, Kind, Sort, Suggestion, Wanted

# What the index tells may be of some seconds ago: who may no longer see it does not, and by now it may be in the trash.
SEEN = """
with seen as (
    select id from kits k where archived_at is null and id = any($2)
        and (visibility = 'public' or exists (select from members m where m.space_id = k.space_id and m.actor = $1))
)
select id, name from kits where id in (select id from seen) and id = any($3)
union all
select id, name from assets where id = any($3) and removed_at is null and kit_id in (select id from seen)
"""


class ElasticsearchIndex:
    """Finds in the live index what a caller may see."""

    def __init__(self, unit: PostgresUnitOfWork, cluster: Cluster, actor: str) -> None:
        self._unit, self._cluster, self._actor = unit, cluster, actor

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
        """See `SearchIndex`. What was removed a moment ago is left out of a page, and may still count."""
        sought = None if wanted.text is None else Sought.of(wanted.text)
        place = Place.told_by(cursor, wanted=wanted, sort=sort) if cursor else None
        scope = await self._scope(wanted.space_id)
        body = {
            "sort": ORDERS[sort],
            "size": limit + 1,
            "source": ["kit_id", "word_count", "order"],
            "track_total_hits": COUNTED,
            "aggregations": counted_by(facets, scope),
            "track_scores": True,
        } | ({"search_after": behind(place)} if place else {})
        forgiven = place.forgiven if place else False
        answer = await self._cluster.search(body | {"query": found_by(wanted, sought, scope, forgiving=forgiven)})
        if sought and not place and not answer["hits"]["hits"]:
            forgiving = await self._cluster.search(body | {"query": found_by(wanted, sought, scope, forgiving=True)})
            forgiven, answer = (True, forgiving) if forgiving["hits"]["hits"] else (False, answer)
        found = answer["hits"]["hits"]
        names = await self._seen(found[:limit])
        last = _place(found[limit - 1], wanted, sort, forgiven=forgiven) if len(found) > limit else None
        return Hits(
            hits=[Hit(id=one, parts=parts_of(name, sought, forgiving=forgiven)) for one, name in names.items()],
            total=min(answer["hits"]["total"]["value"], COUNTED),
            facets={facet: _counts(answer["aggregations"][facet]) for facet in facets},
            forgiven=forgiven,
            next_cursor=last.cursor() if last else None,
        )

    async def suggest(
        self, text: str, /, *, limit: int, space_id: UUID | None = None, kinds: Sequence[Kind] = KINDS
    ) -> list[Suggestion]:
        """See `SearchIndex`."""
        sought = Sought.of(text)
        query = suggested_by(text, sought, await self._scope(space_id), space_id=space_id, kinds=kinds)
        body = {"sort": SUGGESTED, "size": limit, "source": ["kind", "kit_id"], "collapse": {"field": "name"}}
        found = (await self._cluster.search(body | {"query": query}))["hits"]["hits"]
        names, kind_of = await self._seen(found), {UUID(each["_id"]): each["_source"]["kind"] for each in found}
        return [Suggestion(kind=kind_of[one], id=one, parts=parts_of(name, sought)) for one, name in names.items()]

    async def _scope(self, space_id: UUID | None) -> Scope:
        """Return what the database lets the caller see by now, in a space or everywhere."""
        row = await (await self._unit.driver()).fetchrow(SCOPES, self._actor, space_id)
        return Scope(spaces=row["spaces"], public=row["public"] if len(row["public"]) <= MAX_PUBLIC else None)

    async def _seen(self, found: Sequence[Mapping[str, Any]]) -> Mapping[UUID, str]:
        """Return the names of those that the caller may see by now, in their order."""
        ids = [UUID(each["_id"]) for each in found]
        kits = {UUID(each["_source"].get("kit_id") or each["_id"]) for each in found}
        rows = await (await self._unit.driver()).fetch(SEEN, self._actor, [*kits], ids)
        names = {row["id"]: row["name"] for row in rows}
        return {one: names[one] for one in ids if one in names}


def _place(hit: Mapping[str, Any], wanted: Wanted, sort: Sort, *, forgiven: bool) -> Place:
    source = hit["_source"]
    return Place(
        sort=sort,
        question=question_of(wanted),
        forgiven=forgiven,
        score=int(hit["_score"] or 0),
        words=source["word_count"],
        name=source["order"],
        id=UUID(hit["_id"]),
    )


def _counts(answer: Mapping[str, Any]) -> list[Count]:
    return [Count(value=each["key"], count=each["doc_count"]) for each in answer["values"]["buckets"]]
