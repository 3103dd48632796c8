"""The migration that makes what is there found, beside processes of the version before."""

from dataclasses import fields
from uuid import UUID

import pytest

from adapters.postgres.history import PostgresHistory
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.library import Asset
from service.database import Database, engine_of, migrate
from tests.conftest import BINARIES, Cluster
from tests.library import ASSET, KIT, SECTION, SPACE
from tests.migrations.test_migrations import shape_of

pytestmark = pytest.mark.parametrize("cluster", BINARIES, indirect=True, scope="session")

BEFORE = [
    f"insert into spaces values ('{SPACE.id}', 1, 'Design', 'founder')",
    f"insert into kits values ('{KIT.id}', 1, '{SPACE.id}', 'Łódź', 'private')",
    f"insert into sections values ('{SECTION.id}', 1, '{SPACE.id}', '{KIT.id}', 'Logos', 0)",
]
OLD, UNTOLD = (f"00000000-0000-0000-0000-00000000010{n}" for n in range(2))
# As processes of the version before add and change an asset.
ADD = f"""
with added as (
    insert into assets (id, version, space_id, kit_id, section_id, name, sha256, media_type, size, removed_at)
    values ('{{0}}', 1, '{SPACE.id}', '{KIT.id}', '{SECTION.id}', '{{1}}', '{ASSET.sha256}', 'image/png', 1, null)
    on conflict (section_id, name) where removed_at is null do nothing returning *
), change as (
    insert into changes (execution_id, space_id, part_of, entity_kind, entity_id, before, after)
    select '{{0}}'::uuid, added.space_id, null::uuid, 'asset', added.id, null, to_jsonb(added) from added
) select 1 from added
"""
COPY = f"""
insert into assets (id, version, space_id, kit_id, section_id, name, sha256, media_type, size)
select '{UNTOLD}', version, space_id, kit_id, section_id, 'b', sha256, media_type, size from assets
"""
RENAME = f"update assets set name = 'Crèmes brûlées' where id = '{OLD}'"
RAN = """
insert into executions (id, action, state, actor, scopes, entry_point, arguments, trace_id, submitted_at)
values ('{}', 'add_asset', 'succeeded', 'ada', '{{}}', 'http', '{{}}', '', now())
"""


async def test_what_was_there_is_found_and_tells_who_added_it(cluster: Cluster, empty: Database) -> None:
    name = str(empty.service.database)
    await migrate(empty, revision="0006")
    await cluster.run(*BEFORE, RAN.format(OLD), ADD.format(OLD, "Arrow-left"), database=name)
    await cluster.run(COPY, database=name)  # of one that no change tells of

    await migrate(empty)

    told = await cluster.run("select id::text, added_by, folded from assets order by id", database=name)
    assert told == [(OLD, "ada", "arrow left"), (UNTOLD, None, "b")]
    assert await cluster.run("select folded, words::text from kits", database=name) == [("lodz", "'=lodz' 'lodz'")]


async def test_who_knows_nothing_of_words_adds_and_renames(cluster: Cluster, empty: Database) -> None:
    name = str(empty.service.database)
    await migrate(empty)

    rows = await cluster.run(*BEFORE, RAN.format(OLD), ADD.format(OLD, "Arrow-left"), database=name)
    await cluster.run(RENAME, database=name)

    assert rows == [(1,)]
    told = await cluster.run("select added_by, folded, words @@ '=brule' from assets", database=name)
    assert told == [(None, "cremes brulees", True)]


async def test_what_they_wrote_down_tells_nothing_of_words(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)
    added = ADD.format(OLD, "Arrow-left")
    await cluster.run(*BEFORE, RAN.format(OLD), added, database=str(empty.service.database))
    engine = engine_of(empty.service, pool=1)
    unit = PostgresUnitOfWork(engine)

    async with unit.transaction(readonly=True):
        [change] = (await PostgresHistory(unit).changes_of("asset", UUID(OLD), limit=9)).items
    await engine.dispose()

    assert list(change.after or ()) == [field.name for field in fields(Asset)]


async def test_a_dump_is_restored_where_no_schema_is_in_the_path(cluster: Cluster, empty: Database) -> None:
    name = str(empty.service.database)
    await migrate(empty)
    await cluster.run(*BEFORE, RAN.format(OLD), database=name)

    added = (
        ADD.format(OLD, "Arrow-left")
        .replace("into assets", "into public.assets")
        .replace("into changes", "into public.changes")
    )
    rows = await cluster.run("set search_path = ''", added, database=name)

    assert rows == [(1,)]


async def test_where_an_index_could_not_be_made_it_begins_again(cluster: Cluster, empty: Database) -> None:
    name = str(empty.service.database)
    await migrate(empty, revision="0007")
    whole = await shape_of(cluster, empty)
    undone = ("drop index ix_assets_kit_id_folded", "update alembic_version set version_num = '0006'")
    await cluster.run(*undone, database=name)

    await migrate(empty, revision="0007")

    assert await shape_of(cluster, empty) == whole
