"""What the service's role may do, and what a service makes of the database and the role that it is given."""

from dataclasses import replace

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from adapters.postgres.embedded import SUPERUSER
from adapters.postgres.tables import PRIVILEGES
from service.database import Database, check_database, engine_of, migrate, newest_revision, pruned_by
from service.settings import Misconfigured, load_settings
from tests.conftest import POSTGRES, Cluster

pytestmark = POSTGRES
REFUSED = (
    "create table mine (id int)",
    "create schema mine",
    "alter table kits add column mine int",
    "drop table kits",
    "delete from executions",
    "truncate executions",
    "delete from changes",
    "update changes set execution_id = execution_id",
    "truncate changes",
    "update alembic_version set version_num = ''",
)


async def test_the_services_role_is_none_that_stands_above(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)
    role = str(empty.service.username)

    flags = await cluster.run(
        f"select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = '{role}'"
    )
    owners = await cluster.run(
        "select distinct tableowner from pg_tables where schemaname = 'public'", database=str(empty.service.database)
    )
    joined = await cluster.run(f"select from pg_auth_members where member = '{role}'::regrole")

    assert flags == [(False, False, False, False)]
    assert owners == [(str(empty.owner and empty.owner.username),)]
    assert joined == []
    assert role != owners[0][0]


@pytest.mark.parametrize("statement", REFUSED)
async def test_the_services_role_may_not(empty: Database, statement: str) -> None:
    await migrate(empty)
    engine = engine_of(empty.service, pool=1)

    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            await connection.execute(text(statement))

    await engine.dispose()


async def test_the_services_role_may_what_each_table_is_for(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)

    rows = await cluster.run(
        "select table_name, lower(privilege_type) from information_schema.role_table_grants"
        f" where grantee = '{empty.service.username}'",
        database=str(empty.service.database),
    )

    assert {(table, right) for table, right in rows} == {
        (table, right) for table, rights in PRIVILEGES.items() for right in rights.split(", ")
    }


async def check_service(database: Database, **settings: int) -> None:
    engine = engine_of(database.service, pool=1)
    try:
        await check_database(engine, pruned=pruned_by(load_settings(**settings)))
    finally:
        await engine.dispose()


async def deletable(cluster: Cluster, database: Database) -> set[object]:
    """The tables of what is on record that the service's role may delete from."""
    rows = await cluster.run(
        "select table_name from information_schema.role_table_grants where privilege_type = 'DELETE'"
        f" and grantee = '{database.service.username}' and table_name in ('executions', 'followers', 'changes')",
        database=str(database.service.database),
    )
    return {table for (table,) in rows}


@pytest.mark.parametrize(
    ("setting", "tables"),
    [("ledger_days", {"executions", "followers"}), ("history_days", {"executions", "followers", "changes"})],
)
async def test_what_is_on_record_may_be_deleted_where_a_setting_says_how_long_it_stays(
    cluster: Cluster, empty: Database, setting: str, tables: set[str]
) -> None:
    await migrate(empty)
    assert await deletable(cluster, empty) == set()
    with pytest.raises(Misconfigured, match=r"may not remove any of .*executions, followers; run `actionbus migrate`"):
        await check_service(empty, **{setting: 30})

    await migrate(empty, pruned=pruned_by(load_settings(**{setting: 30})))

    assert await deletable(cluster, empty) == tables
    await check_service(empty, **{setting: 30})


async def test_a_database_that_is_up_to_date_is_fine(empty: Database) -> None:
    await migrate(empty)

    await check_service(empty)


async def test_an_empty_database_is_told_by_what_mends_it(empty: Database) -> None:
    with pytest.raises(
        Misconfigured, match=rf"at revision none, the code at {newest_revision()}; run `actionbus migrate`"
    ):
        await check_service(empty)


async def test_a_database_that_is_behind_is_told_by_what_mends_it(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)
    await cluster.run("update alembic_version set version_num = '0000'", database=str(empty.service.database))

    with pytest.raises(Misconfigured, match=r"at revision 0000, .* run `actionbus migrate`"):
        await check_service(empty)


async def test_a_service_with_the_owners_role_is_refused(empty: Database) -> None:
    await migrate(empty)
    assert empty.owner is not None

    with pytest.raises(Misconfigured, match="owns the tables"):
        await check_service(Database(empty.owner, empty.owner))


async def test_a_service_with_a_superusers_role_is_refused(cluster: Cluster, empty: Database) -> None:
    await migrate(empty)
    mighty = make_url(cluster.postgres.url(SUPERUSER, str(empty.service.database)))

    with pytest.raises(Misconfigured, match="row-level security"):
        await check_service(Database(mighty, empty.owner))


async def test_a_database_that_does_not_answer_is_told(empty: Database) -> None:
    with pytest.raises(Misconfigured, match="cannot be used"):
        await check_service(replace(empty, service=empty.service.set(database="nowhere")))
