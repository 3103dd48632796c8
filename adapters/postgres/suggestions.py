"""The SQL of suggestions: names that begin with what was typed, and others that have its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from adapters.postgres.search_queries import Queries
from adapters.postgres.search_statements import SEEN, Statement
from ports.search import KINDS, Kind, Wanted

CONSIDERED = 1_000  # of those that do not begin with the text
LAST = "\U0010ffff"  # no name begins with it
# From one name of a kit to the next, however many assets have it, until there are enough.
BEGUN = f"""
with recursive seen as materialized (
    select k.id, k.name, k.folded from kits k where {SEEN.format("$1")} and ($2::uuid is null or k.space_id = $2)
), named as (
    select 'kit' as kind, seen.folded, seen.id as kit_id from seen
    where 'kit' = any($6::text[]) and folded >= $3 and folded < $4
    union all select 'asset', each.folded, seen.id from seen cross join lateral (
        with recursive step as (
            (select folded from assets where kit_id = seen.id and removed_at is null and folded >= $3 and folded < $4
            order by folded limit 1)
            union all
            select (
                select a.folded from assets a where a.kit_id = seen.id and a.removed_at is null
                and a.folded > step.folded and a.folded < $4 order by a.folded limit 1
            ) from step where step.folded is not null
        ) select folded from step where folded is not null limit $5
    ) each where 'asset' = any($6::text[])
), first as (
    select distinct on (folded) kind, folded, kit_id from named order by folded, kind desc, kit_id limit $5
)
select kind, one.id, one.name from first cross join lateral (
    select seen.id, seen.name from seen where kind = 'kit' and seen.id = kit_id
    union all (
        select a.id, a.name from assets a where kind = 'asset' and a.kit_id = first.kit_id
        and a.removed_at is null and a.folded = first.folded order by a.id limit 1
    )
) one order by first.folded
"""


@dataclass(frozen=True, kw_only=True)
class Within:
    """What is suggested: of one space, or of all, and of these kinds."""

    space_id: UUID | None = None
    kinds: Sequence[Kind] = KINDS


def begun(actor: str, beginning: str, within: Within, *, limit: int) -> tuple[object, ...]:
    """Return the statement, and its values, for different names that begin so."""
    return BEGUN, actor, within.space_id, beginning, beginning + LAST, limit, [*within.kinds]


def containing(
    actor: str, scopes: Sequence[UUID] | None, queries: Queries, beginning: str, within: Within, *, limit: int
) -> tuple[object, ...]:
    """Return the statement, and its values, for different names that have the words and do not begin so."""
    first, *others = within.kinds
    statement = Statement(actor, scopes, Wanted(kind=first, space_id=within.space_id))
    each = [_of(first, statement, queries)]
    for kind in others:
        statement = Statement(actor, scopes, Wanted(kind=kind, space_id=within.space_id), after=statement)
        each.append(_of(kind, statement, queries))
    start, end, most = map(statement.given, (beginning, beginning + LAST, limit))
    return (
        f"""
        select distinct on (folded) kind, id, name from ({" union all ".join(each)}) found
        where not (folded >= {start} and folded < {end}) order by folded, kind desc, id limit {most}
        """,
        *statement.values,
    )


def _of(kind: Kind, statement: Statement, queries: Queries) -> str:
    return f"select '{kind}' as kind, id, name, folded from ({statement.found(queries, most=CONSIDERED)}) {kind}s"
