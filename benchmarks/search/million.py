"""A library of a million assets, whose names are made of those of the demo's icons."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

ADA, BOB = "ada", "bob"  # who is in the space of 200,000 and in ten others, and who is in a small one alone
SPACES, KITS, LARGE = 50, 20, 0.2
SECTIONS = ("micro", "mini", "outline", "solid")
ID = "(lpad(to_hex(1767225600000 + {0} * 1000::bigint), 12, '0') || '70008000' || lpad(to_hex({0}), 12, '0'))::uuid"
SMALL_ID = "lpad(to_hex({0}), 32, '0')::uuid"
LIBRARY = (
    f"""insert into spaces (id, version, name, created_by)
    select {SMALL_ID.format("n")}, 1, 'Space ' || n, 'founder' from generate_series(1, {SPACES}) n""",
    f"""insert into members (id, version, space_id, actor, role) select gen_random_uuid(), 1, id, '{ADA}', 'viewer'
    from spaces where id <= {SMALL_ID.format("11")}""",
    f"""insert into members (id, version, space_id, actor, role)
    values (gen_random_uuid(), 1, {SMALL_ID.format("30")}, '{BOB}', 'viewer')""",
    f"""insert into kits (id, version, space_id, name, visibility)
    select {SMALL_ID.format(f"1000 + (s - 1) * {KITS} + k")}, 1, {SMALL_ID.format("s")},
        (select initcap(replace(name, '-', ' ')) from names offset s * 20 + k limit 1) || ' ' || k,
        case when k = 7 and s % 2 = 0 then 'public' else 'private' end
    from generate_series(1, {SPACES}) s, generate_series(1, {KITS}) k""",
    f"""insert into sections (id, version, space_id, kit_id, name, position)
    select (to_hex(position) || right(id::text, 35))::uuid, 1, space_id, id, made.name, position
    from kits, unnest(array{[*SECTIONS]}) with ordinality as made (name, position)""",
)
# A word in front as often as in the library, behind it one as often as its rank tells: from the words themselves to
# two of them in one; four of ten have a number. A name that its section has already is left out.
ASSETS = f"""
insert into assets (id, version, space_id, kit_id, section_id, name, sha256, media_type, size)
select {ID.format("n")}, 1, k.space_id, k.id, (to_hex(1 + n % {len(SECTIONS)}) || right(k.id::text, 35))::uuid,
    icons.all[1 + floor(first * icons.many)] || '-' || coalesce(
        words.all[rank], words.all[1 + rank % words.many] || words.all[1 + rank / words.many % words.many]
    ) || case when number < 0.4 then '-' || floor(number * 2500) else '' end
    || case when number > 0.9 then '.png' else '.svg' end,
    md5(n::text) || md5(n::text), case when number > 0.9 then 'image/png' else 'image/svg+xml' end, 1000
from (
    select n, random() as first, random() as number, floor(exp(random() * ln(90000)))::int as rank,
        case when random() < {LARGE} then 1 else 2 + floor(random() * {SPACES - 1})::int end as space,
        1 + floor(random() * {KITS})::int as kit from generate_series(1, $1::int) n
) made
join kits k on k.id = {SMALL_ID.format(f"1000 + (space - 1) * {KITS} + kit")}
cross join (select array_agg(name) as all, count(*) as many from names) icons
cross join (
    select array_agg(word order by often desc) as all, count(*)::int as many
    from (select word, count(*) as often from names, unnest(string_to_array(name, '-')) word group by 1) counted
) words
on conflict do nothing
"""
# What the migration reads: who added each, a thousand at a time.
RECORDS = (
    """insert into executions (id, action, state, actor, scopes, entry_point, arguments, trace_id, submitted_at)
    select lpad(to_hex(n), 32, '0')::uuid, 'import_assets', 'succeeded', 'actor' || n % 40, '{}', 'http', '{}', '',
        now() from generate_series(0, 999) n""",
    """insert into changes (execution_id, space_id, part_of, entity_kind, entity_id, before, after)
    select lpad(to_hex(number % 1000), 32, '0')::uuid, space_id, kit_id, 'asset', id, null, '{}'
    from (select row_number() over () as number, id, space_id, kit_id from assets) numbered""",
)
TAGS = (
    """insert into tags (id, version, space_id, name) select gen_random_uuid(), 1, id, 'tag ' || n
    from spaces, generate_series(1, 20) n""",
    """insert into taggings (id, version, space_id, asset_id, tag_id)
    select gen_random_uuid(), 1, a.space_id, a.id, t.id from assets a
    join tags t on t.space_id = a.space_id and t.name = 'tag ' || (1 + abs(hashtext(a.id::text)) % 200)""",
)


def icon_names() -> Iterator[str]:
    """Yield the name of each icon of the demo, as often as it is there, without what it ends with."""
    found = find_spec("heroicons")
    if found is None or found.origin is None:
        raise RuntimeError("The names are those of heroicons, which is not installed.")
    with ZipFile(Path(found.origin).with_name("heroicons.zip")) as archive:
        yield from (Path(entry).stem for entry in sorted(archive.namelist()) if not entry.endswith("/"))
