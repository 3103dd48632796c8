"""What can be found, as rows: kits and assets with all that they are found by."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

Kind = Literal["kit", "asset"]
KINDS: Sequence[Kind] = ("kit", "asset")
FIRST = UUID(int=0)
KITS = """
select id, 'kit' as kind, name, space_id, visibility = 'public' as open from kits
where id = any($1) and archived_at is null
"""
ASSETS = """
select a.id, 'asset' as kind, a.name, a.space_id, a.kit_id, a.section_id, a.media_type,
    a.added_by, k.visibility = 'public' as open,
    array(select t.name from taggings g join tags t on t.id = g.tag_id where g.asset_id = a.id) as tags
from assets a join kits k on k.id = a.kit_id
where a.id = any($1) and a.removed_at is null and k.archived_at is null
"""
PAGES: Mapping[Kind, str] = {
    "kit": "select id from kits where id > $1 and archived_at is null order by id limit $2",
    "asset": """
    select a.id from assets a join kits k on k.id = a.kit_id
    where a.id > $1 and a.removed_at is null and k.archived_at is null order by a.id limit $2
    """,
}
OF_KIT = "select id from assets where kit_id between $1 and $1 and id > $2 order by kit_id, id limit $3"
OF_TAG = """
select asset_id as id from taggings where tag_id = $1 and asset_id > $2 order by asset_id limit $3
"""
# A number and then what is read under it: who holds the row has seen all that those before have seen, and more.
NUMBER = """
insert into search_versions (id, number) values (1, 1)
on conflict (id) do update set number = search_versions.number + 1 returning number
"""
RAISE = "update search_versions set number = greatest(number, $1)"


async def numbered(driver: Any, kind: Kind, ids: Sequence[UUID]) -> tuple[int, Mapping[UUID, Mapping[str, Any]]]:
    """Return a version, and what can be found of these by then: the higher the version, the later it was read."""
    async with driver.transaction():
        version: int = await driver.fetchval(NUMBER)
        return version, await findable(driver, kind, ids)


async def findable(driver: Any, kind: Kind, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    """Return the rows of those that can be found, by id."""
    rows = await driver.fetch(KITS if kind == "kit" else ASSETS, [*ids])
    return {row["id"]: dict(row) for row in rows}
