"""What is asked of the engine. Scores are the same for the same words, whatever else the index holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from adapters.words.folding import folded
from adapters.words.forms import shortened, stem
from adapters.words.place import Place
from adapters.words.sought import BEGINNING, FORGIVEN, FORM, ITSELF, Sought
from ports.search import MAX_FACET, Facet, Kind, Sort, Wanted
from ports.uuid7 import first_of

Query = Mapping[str, Any]
EQUAL = ("space_id", "kit_id", "section_id", "media_type")
FACETS: Mapping[Facet, str] = {
    "space": "space_id",
    "kit": "kit_id",
    "section": "section_id",
    "tag": "tags",
    "media_type": "media_type",
    "added_by": "added_by",
}
ORDERS: Mapping[Sort, Sequence[Mapping[str, str]]] = {
    "best": ({"_score": "desc"}, {"word_count": "asc"}, {"order": "asc"}, {"id": "asc"}),
    "name": ({"order": "asc"}, {"id": "asc"}),
    "newest": ({"id": "desc"},),
}
SUGGESTED = ({"_score": "desc"}, {"name": "asc"}, {"kind": "desc"}, {"id": "asc"})  # of the same name, a kit


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What may be seen: the spaces of the caller, and the kits that are public; None are too many to be named."""

    spaces: Sequence[UUID]
    public: Sequence[UUID] | None


def found_by(wanted: Wanted, sought: Sought | None, scope: Scope, *, forgiving: bool) -> Query:
    """Return the query for what is wanted, in a scope."""
    must = [*_words(sought, forgiving=forgiving)] if sought else []
    return {
        "bool": {"must": must, "filter": [{"term": {"kind": wanted.kind}}, _visible(scope), *_filters(wanted, scope)]}
    }


def suggested_by(text: str, sought: Sought, scope: Scope, *, space_id: UUID | None, kinds: Sequence[Kind]) -> Query:
    """Return the query for names of these kinds that have these words; it scores those that begin with the text."""
    within = [{"term": {"space_id": str(space_id)}}] if space_id else []
    filters = [*_words(sought, forgiving=False), _visible(scope), {"terms": {"kind": [*kinds]}}, *within]
    return {"bool": {"filter": filters, "should": [_scored({"prefix": {"name": folded(text)}}, 1)]}}


def counted_by(facets: Sequence[Facet], scope: Scope) -> Query:
    """Return the aggregations that count these, the most frequent first, each as the `values` of what they are of."""
    order = [{"_count": "desc"}, {"_key": "asc"}]
    return {
        facet: {
            "filter": _ours(scope) if facet == "added_by" else {"match_all": {}},
            "aggs": {"values": {"terms": {"field": FACETS[facet], "size": MAX_FACET, "order": order}}},
        }
        for facet in facets
    }


def behind(place: Place) -> Sequence[object]:
    """Return a place as the engine tells it, in the order of its sort."""
    match place.sort:
        case "best":
            return [float(place.score), place.words, place.name, str(place.id)]
        case "name":
            return [place.name, str(place.id)]
        case "newest":
            return [str(place.id)]


def _words(sought: Sought, *, forgiving: bool) -> Iterator[Query]:
    for word in sought.words:
        answers = [_scored({"term": {"words": word}}, ITSELF), _scored({"term": {"stems": stem(word)}}, FORM)]
        if word == sought.words[-1]:
            answers.append(_scored({"prefix": {"words": word}}, BEGINNING))
        if forgiving and (near := sorted(shortened(word))):
            answers.append(_scored({"terms": {"near": near}}, FORGIVEN))
        yield {"dis_max": {"queries": answers}}


def _scored(query: Query, score: int) -> Query:
    return {"constant_score": {"filter": query, "boost": score}}


def _visible(scope: Scope) -> Query:
    ids = None if scope.public is None else [str(kit) for kit in scope.public]
    public = [{"term": {"open": True}}] if ids is None else [{"terms": {name: ids}} for name in ("id", "kit_id")]
    return {"bool": {"should": [_ours(scope), *public], "minimum_should_match": 1}}


def _ours(scope: Scope) -> Query:
    return {"terms": {"space_id": [str(space) for space in scope.spaces]}}


def _filters(wanted: Wanted, scope: Scope) -> Iterator[Query]:
    for name in EQUAL if wanted.kind == "asset" else EQUAL[:1]:
        if (value := getattr(wanted, name)) is not None:
            yield {"term": {name: str(value)}}
    if wanted.kind == "asset" and wanted.added_by is not None:  # who that is, members know alone
        yield {"term": {"added_by": wanted.added_by}}
        yield _ours(scope)
    if wanted.kind == "asset" and wanted.tag is not None:
        yield {"term": {"tags": wanted.tag}}
    bounds = {"gte": wanted.since, "lt": wanted.until}
    if within := {bound: str(first_of(at)) for bound, at in bounds.items() if at is not None}:
        yield {"range": {"id": within}}
