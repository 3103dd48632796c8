"""Which PostgreSQL: the one at `DATABASE_URL`, or one of our own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from adapters.postgres.embedded import EmbeddedPostgres, EmbeddedPostgresUnusable
from adapters.postgres.pool import ReadyPool
from adapters.postgres.tables import DELETED_BY, PRIVILEGES
from service.settings import Misconfigured, Settings

SCRIPTS = Path(__file__).parent.parent / "alembic"
WATCH_SECONDS = 1.0
MIGRATION_LOCK = 0x616374696F6E
SESSION = {"application_name": "actionbus", "timezone": "UTC", "jit": "off"}
ROLE = """
select r.rolsuper or r.rolbypassrls as mighty, t.tableowner = current_user as owner
from pg_roles r left join pg_tables t on t.tablename = 'executions' and t.schemaname = current_schema()
where r.rolname = current_user
"""
REFUSED = """
select name from unnest(cast(:names as text[])) name where not has_table_privilege(current_user, name, 'delete')
"""


@dataclass(frozen=True)
class Database:
    """Where the database is: for the service's role, and for the role that owns the tables."""

    service: URL
    owner: URL | None


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[Database]:
    """Yield where the database is, started and migrated first where it is our own. Raise `Misconfigured`."""
    if settings.database_url is not None:
        owner = settings.owner_database_url
        yield Database(
            url_of(settings.database_url.get_secret_value()), url_of(owner.get_secret_value()) if owner else None
        )
        return
    postgres = EmbeddedPostgres(settings.data, settings.postgres_binaries)
    leaving = asyncio.Event()
    starting = asyncio.ensure_future(asyncio.to_thread(postgres.start))
    watching = asyncio.ensure_future(_keep_running(postgres, starting, leaving))
    try:
        await asyncio.shield(starting)
        database = Database(make_url(postgres.url("actionbus_service")), make_url(postgres.url("actionbus_owner")))
        await migrate(database, pruned=pruned_by(settings))
        yield database
    except EmbeddedPostgresUnusable as error:
        raise Misconfigured(str(error)) from error
    finally:
        leaving.set()
        await asyncio.wait([starting, watching])  # a thread goes on when its task is cancelled: it is waited for
        await asyncio.to_thread(postgres.stop)


async def _keep_running(postgres: EmbeddedPostgres, starting: asyncio.Future[None], leaving: asyncio.Event) -> None:
    """Start the server again when it was killed; while it runs, that is a glance at its socket."""
    await asyncio.wait([starting])
    while not leaving.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(leaving.wait(), WATCH_SECONDS)
            return
        with suppress(EmbeddedPostgresUnusable):
            await asyncio.to_thread(postgres.start)


def url_of(written: str) -> URL:
    """Return a URL as everybody spells it (`postgres://...?sslmode=require`) as SQLAlchemy does."""
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        raise Misconfigured("DATABASE_URL is no URL; write postgresql://user:password@host:5432/database.") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise Misconfigured(f"DATABASE_URL names {url.get_backend_name()}; the service runs on PostgreSQL 14 or later.")
    query = {("ssl" if name == "sslmode" else name): value for name, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)


def session_of(settings: Settings) -> Mapping[str, str]:
    """Return how long the database itself lets a session of the service take."""
    return {
        "statement_timeout": f"{settings.statement_seconds}s",
        "lock_timeout": f"{settings.lock_seconds}s",
        "idle_in_transaction_session_timeout": f"{settings.idle_seconds}s",
    }


def engine_of(
    url: URL, *, pool: int, wait_seconds: float = 10, session: Mapping[str, str] = MappingProxyType({})
) -> AsyncEngine:
    """Return an engine that keeps `pool` connections at most; who waits for one too long gets a `TimeoutError`."""
    return create_async_engine(
        url,
        poolclass=ReadyPool,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=wait_seconds,
        connect_args={"server_settings": SESSION | dict(session), "timeout": 10},
    )


def pruned_by(settings: Settings) -> AbstractSet[str]:
    """Return the tables that the settings let the service delete old records from."""
    return {table for setting, tables in DELETED_BY.items() if getattr(settings, setting) for table in tables}


async def migrate(database: Database, *, revision: str = "head", pruned: AbstractSet[str] = frozenset()) -> None:
    """Bring the tables to `revision` as their owner, and grant the service's role what it needs.

    It may then also delete from those that are `pruned`: that is for what is on record to go, when it is old.
    """
    if database.owner is None:
        raise Misconfigured("Set ACTIONBUS_OWNER_DATABASE_URL to the role that owns the tables, and run again.")
    engine = create_async_engine(database.owner, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await connection.commit()
            if revision != "head" or await _revision(connection) != newest_revision():
                await connection.rollback()
                await connection.run_sync(_upgrade, revision)
            await _grant(connection, str(database.service.username), pruned)
    except (OSError, DBAPIError) as error:
        raise Misconfigured(f"The tables cannot be migrated: {_first_line(error)}.") from error
    finally:
        await engine.dispose()


def _upgrade(connection: object, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - takes a tenth of a second, and is seldom needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS))
    step = command.downgrade if revision in ("base", "-1") else command.upgrade
    step(config, revision)


async def _grant(connection: AsyncConnection, role: str, pruned: AbstractSet[str]) -> None:
    quoted = '"' + role.replace('"', '""') + '"'
    present = await connection.execute(text("select tablename from pg_tables where schemaname = current_schema()"))
    for table in [name for (name,) in present if name in PRIVILEGES]:
        rights = f"{PRIVILEGES[table]}, delete" if table in pruned else PRIVILEGES[table]
        await connection.execute(text(f"grant {rights} on {table} to {quoted}"))
    await connection.commit()


async def check_database(engine: AsyncEngine, *, pruned: AbstractSet[str] = frozenset()) -> None:
    """Raise `Misconfigured` if the tables are not the code's, or the service's role may do too much or too little."""
    try:
        async with engine.connect() as connection:
            found, expected = await _revision(connection), newest_revision()
            if found != expected:
                raise Misconfigured(
                    f"The database is at revision {found or 'none'}, the code at {expected}; run `actionbus migrate`."
                )
            mighty, owner = (await connection.execute(text(ROLE))).one()
            refused = sorted(await connection.scalars(text(REFUSED), {"names": [*pruned]}))
    except (OSError, DBAPIError, TypeError, ValueError) as error:  # the last two: an option that asyncpg does not know
        raise Misconfigured(f"The database cannot be used: {_first_line(error)}.") from error
    if mighty or owner:
        raise Misconfigured(
            "DATABASE_URL names a role that owns the tables or stands above row-level security; give the service a role"
            " of its own: `create role actionbus_service login password '...'`, and run `actionbus migrate` again."
        )
    if refused:
        raise Misconfigured(
            f"Old records are to go, and the service's role may not remove any of {', '.join(refused)}; run `actionbus"
            " migrate` with the same ACTIONBUS_LEDGER_DAYS and ACTIONBUS_HISTORY_DAYS."
        )


async def _revision(connection: AsyncConnection) -> str | None:
    if await connection.scalar(text("select to_regclass('alembic_version')")) is None:
        return None
    revision: str | None = await connection.scalar(text("select version_num from alembic_version"))
    return revision


def newest_revision() -> str:
    """Return the revision of the newest migration: they are numbered in their files' names."""
    return max(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(cause).partition("\n")[0].rpartition(">: ")[2].rstrip(".")
