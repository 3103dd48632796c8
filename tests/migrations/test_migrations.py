"""The migrations on empty databases of each PostgreSQL, and what a service makes of a database."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.postgres.tables import spaces
from service.database import SCRIPTS, Database, migrate, newest_revision
from service.settings import Misconfigured
from tests.conftest import BINARIES, Cluster

pytestmark = pytest.mark.parametrize("cluster", BINARIES, indirect=True, scope="session")

REVISIONS = [script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()][::-1]
SHAPE = """
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
    pg_get_expr(d.adbin, d.adrelid)
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'alembic_version'
union all select c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid), c.condeferred, '', ''
from pg_constraint c where c.connamespace = 'public'::regnamespace
and c.conrelid is distinct from to_regclass('alembic_version')
union all select tablename, indexname, indexdef, null, '', '' from pg_indexes
where schemaname = 'public' and tablename <> 'alembic_version'
order by 1, 2, 3
"""
NAMED = """
select c.conrelid::regclass::text, c.conname, c.contype::text, c.confrelid::regclass::text, array(
    select a.attname::text from unnest(c.conkey) with ordinality k(number, place)
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number order by k.place
)
from pg_constraint c where c.connamespace = 'public'::regnamespace and c.contype in ('p', 'u', 'f', 'c')
and c.conrelid <> 'alembic_version'::regclass
"""


async def shape_of(cluster: Cluster, database: Database) -> list[tuple[object, ...]]:
    return await cluster.run(SHAPE, database=str(database.service.database))


@pytest.mark.parametrize("revision", REVISIONS)
async def test_each_revision_goes_up_down_and_up(cluster: Cluster, empty: Database, revision: str) -> None:
    before = REVISIONS[REVISIONS.index(revision) - 1] if revision != REVISIONS[0] else None
    if before:
        await migrate(empty, revision=before)
    below = await shape_of(cluster, empty)

    await migrate(empty, revision=revision)
    above = await shape_of(cluster, empty)
    await migrate(empty, revision="-1")

    assert await shape_of(cluster, empty) == below
    await migrate(empty, revision=revision)
    assert await shape_of(cluster, empty) == above != below


def test_revisions_follow_one_another_by_number(cluster: Cluster) -> None:
    assert sorted(REVISIONS) == REVISIONS
    assert REVISIONS[-1] == newest_revision()


async def test_alembic_finds_nothing_to_change(empty: Database) -> None:
    await migrate(empty)

    await as_owner(empty, check)


def check(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS))
    command.check(config)


async def test_the_migrations_make_what_the_models_say(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)
    async with cluster.empty_database() as other:
        await as_owner(other, spaces.metadata.create_all)

        made, said = await shape_of(cluster, empty), await shape_of(cluster, other)

    assert set(made) == set(said)


async def test_every_constraint_is_named_by_the_convention(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)

    for table, name, kind, other, columns in await cluster.run(NAMED, database=str(empty.service.database)):
        assert isinstance(columns, list)
        listed = "_".join(columns)
        expected = {
            "p": f"pk_{table}",
            "u": f"uq_{table}_{listed}",
            "f": f"fk_{table}_{listed}_{other}",
            "c": f"ck_{table}_{listed}",
        }
        assert name == expected[str(kind)]


async def test_every_index_is_named_for_its_table(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)

    rows = await cluster.run(
        "select tablename, indexname from pg_indexes where schemaname = 'public' and tablename <> 'alembic_version'",
        database=str(empty.service.database),
    )

    assert rows
    assert [
        name for table, name in rows if not str(name).startswith((f"pk_{table}", f"uq_{table}_", f"ix_{table}_"))
    ] == []


async def test_to_migrate_twice_changes_nothing(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)
    shape = await shape_of(cluster, empty)

    await migrate(empty)

    assert await shape_of(cluster, empty) == shape


async def test_several_may_migrate_at_once(cluster: Cluster, empty: Database) -> None:
    await asyncio.gather(*(migrate(empty) for _ in range(4)))

    shape = await shape_of(cluster, empty)
    await migrate(empty)
    assert await shape_of(cluster, empty) == shape


async def test_without_an_owner_there_is_no_migrating(empty: Database) -> None:
    with pytest.raises(Misconfigured, match="ACTIONBUS_OWNER_DATABASE_URL"):
        await migrate(replace(empty, owner=None))


async def as_owner(database: Database, work: Callable[[Connection], None]) -> None:
    assert database.owner is not None
    engine = create_async_engine(database.owner, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(work)
    await engine.dispose()
