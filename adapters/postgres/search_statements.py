"""The SQL of searches: made of our own words alone, and all that was asked for is a parameter."""

from collections.abc import Sequence
from uuid import UUID

from adapters.postgres.search_queries import Queries
from adapters.words.place import NAME_LETTERS, Place
from adapters.words.sought import BEGINNING, FORGIVEN, FORM, ITSELF
from ports.search import COUNTED, MAX_FACET, Facet, Sort, Wanted
from ports.uuid7 import first_of

MAX_PUBLIC = 1_000
# In which spaces the caller is, and which kits are public; of too many, one more than that.
SCOPES = f"""
select array(select space_id from members where actor = $1 and ($2::uuid is null or space_id = $2)) as spaces,
    array(
        select id from kits where archived_at is null and visibility = 'public' and ($2::uuid is null or space_id = $2)
        limit {MAX_PUBLIC + 1}
    ) as public
"""
MEMBER_OF = "array(select space_id from members where actor = {})"
SEEN = f"""k.archived_at is null and (k.visibility = 'public' or k.space_id = any({MEMBER_OF}))"""
ASSETS = "assets a join kits k on k.id = a.kit_id where a.removed_at is null"
KITS = "kits a join kits k on k.id = a.id where a.archived_at is null"
SCOPED = {"asset": "array[a.space_id, a.kit_id]", "kit": "array[a.space_id, a.id]"}
FIELDS = {
    "asset": "a.id, a.name, a.folded, a.words, a.space_id, a.kit_id, a.section_id, a.media_type, a.added_by",
    "kit": "a.id, a.name, a.folded, a.words, a.space_id",
}
# What is tagged is read once, where the caller sees something: asked of each asset, a seldom tag cost as many look-ups.
TAGGED = """a.id = any(array(
    select taggings.asset_id from tags join taggings on taggings.tag_id = tags.id
    where tags.name = {} and tags.space_id in (select k.space_id from kits k where {})
))"""
COUNTS = {
    "space": ("f.space_id::text", ""),
    "kit": ("f.kit_id::text", ""),
    "section": ("f.section_id::text", ""),
    "media_type": ("f.media_type", ""),
    "added_by": ("f.added_by", "join members m on m.space_id = f.space_id and m.actor = {}"),
    "tag": ("t.name", "join taggings g on g.asset_id = f.id join tags t on t.id = g.tag_id"),
}
KEYS: dict[Sort, tuple[str, str, tuple[str, ...]]] = {  # the key, its order, and what of a place it is
    "best": ("(-score, word_count, place, id)", "-score, word_count, place, id", ("score", "words", "name", "id")),
    "name": ("(place, id)", "place, id", ("name", "id")),
    "newest": ("id", "id desc", ("id",)),
}


class Statement:
    """A statement in the making, with the values of its parameters; it may go on `after` another."""

    def __init__(
        self, actor: str, scopes: Sequence[UUID] | None, wanted: Wanted, *, after: "Statement | None" = None
    ) -> None:
        self.values: list[object] = after.values if after else []
        self._wanted, self._kind = wanted, wanted.kind
        self._actor = self.given(actor)
        self._seen = SEEN.format(self._actor)
        self._scopes = None if scopes is None else self.given(scopes)

    def given(self, value: object) -> str:
        """Return the parameter that stands for a value."""
        self.values.append(value)
        return f"${len(self.values)}"

    def page(
        self,
        found: str,
        queries: Queries | None,
        *,
        sort: Sort,
        behind: Place | None,
        limit: int,
        facets: Sequence[Facet] = (),
    ) -> str:
        """Return the SQL of a page of what is `found`, of how many that is, and in one row the counts of facets."""
        key, order, fields = KEYS[sort]
        after = "true"
        if behind is not None:
            values = [-behind.score if field == "score" else getattr(behind, field) for field in fields]
            after = f"{key} {'<' if sort == 'newest' else '>'} ({', '.join(map(self.given, values))})"
        return f"""
        with found as materialized ({found}), ranked as (
            select id, name, {self._score(queries)} as score, left(folded, {NAME_LETTERS}) as place,
                cardinality(string_to_array(folded, ' ')) as word_count from found
        ), shown as (select * from ranked where {after} order by {order} limit {self.given(limit)})
        select total, case when row_number() over () = 1 then {self._counts(facets)} end as counts, shown.*
        from (select count(*) as total from found) counted left join shown on true
        order by {order}
        """

    def _counts(self, facets: Sequence[Facet]) -> str:
        each = [
            f"""(
                select '{facet}' as facet, {value} as value, count(*) as count from found f {joined.format(self._actor)}
                where {value} is not null group by 2 order by 3 desc, {value} collate "C" limit {MAX_FACET}
            )"""
            for facet, (value, joined) in ((facet, COUNTS[facet]) for facet in facets)
        ]
        return f"(select json_agg(c)::text from ({' union all '.join(each)}) c)" if each else "null::text"

    def found(self, queries: Queries | None, *, forgiving: bool = False, most: int = COUNTED) -> str:
        """Return the SQL of what is found: of too much, first what has all the words themselves."""
        if queries is None:
            return self._some("", most)
        if forgiving:
            return self._some(f" and search_spellings(a.name) @@ {self.given(queries.forgiving)}::tsquery", most)
        whole, strict = self.given(queries.whole), self.given(queries.strict)
        first = self._some(f" and a.words @@ {whole}::tsquery", most)
        others = self._some(f" and a.words @@ {strict}::tsquery and not a.words @@ {whole}::tsquery", most)
        return f"({first}) union all ({others}) limit {most}"

    def _some(self, condition: str, most: int) -> str:
        scoped = f" and {SCOPED[self._kind]} && {self._scopes}::uuid[]" if self._scopes else ""
        rows = ASSETS if self._kind == "asset" else KITS
        return (
            f"select {FIELDS[self._kind]} from {rows} and {self._seen}{scoped}{self._filters()}{condition} limit {most}"
        )

    def _filters(self) -> str:
        wanted = self._wanted
        names = ("space_id", "kit_id", "section_id", "media_type")
        equal = {name: getattr(wanted, name) for name in (names if self._kind == "asset" else names[:1])}
        terms = [f"a.{name} = {self.given(value)}" for name, value in equal.items() if value is not None]
        terms += [f"a.id >= {self.given(first_of(wanted.since))}"] if wanted.since else []
        terms += [f"a.id < {self.given(first_of(wanted.until))}"] if wanted.until else []
        if wanted.added_by is not None and self._kind == "asset":  # who that is, members know alone
            terms.append(f"a.added_by = {self.given(wanted.added_by)}")
            terms.append(f"a.space_id = any({MEMBER_OF.format(self._actor)})")
        if wanted.tag is not None and self._kind == "asset":
            terms.append(TAGGED.format(self.given(wanted.tag), self._seen))
        return "".join(f" and {term}" for term in terms)

    def _score(self, queries: Queries | None) -> str:
        return " + ".join(self._score_of(*word) for word in queries.words) if queries else "0"

    def _score_of(self, itself: str, form: str, beginning: str | None) -> str:
        begins = f" when words @@ {self.given(beginning)}::tsquery then {BEGINNING}" if beginning else ""
        return (
            f"case when words @@ {self.given(itself)}::tsquery then {ITSELF}"
            f" when words @@ {self.given(form)}::tsquery then {FORM}{begins} else {FORGIVEN} end"
        )
