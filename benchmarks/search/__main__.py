"""Search among a million assets: `make bench-search` prints the tables and writes results.json."""

import argparse
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
import uvloop
from sqlalchemy import make_url

from adapters.postgres.embedded import OWNER, SERVICE, SUPERUSER, EmbeddedPostgres
from benchmarks.measure import Result, keep
from benchmarks.search.asked import RARE, Asker, print_cpu
from benchmarks.search.million import ASSETS, LIBRARY, RECORDS, TAGS, icon_names
from benchmarks.search.writing import written
from service.database import Database, engine_of, migrate

MANY, ROUNDS = 1_000_000, 40
SIZES = """
select relname, pg_relation_size(oid) from pg_class
where relname in ('assets', 'ix_assets_words', 'ix_assets_spellings', 'ix_assets_kit_id_folded') order by 1
"""
COLUMNS = "select sum(pg_column_size(words)) as words, sum(pg_column_size(folded)) as folded from assets"


async def main(options: argparse.Namespace) -> None:
    """Fill, migrate, measure, print, and write unless it was a try."""
    with tempfile.TemporaryDirectory(prefix="actionbus-bench-") as name:
        Path(name).chmod(0o755)
        with EmbeddedPostgres(Path(name) / "data") as postgres:
            results = await _measured(postgres, options)
    _print(results)
    if options.assets == MANY and options.rounds >= ROUNDS:
        keep(results)


async def _measured(postgres: EmbeddedPostgres, options: argparse.Namespace) -> list[Result]:
    database = Database(*(make_url(postgres.url(role, "bench")) for role in (SERVICE, OWNER)))
    async with _connected(postgres, SUPERUSER, "postgres") as superuser:
        await superuser.execute(f"create database bench owner {OWNER}")
    await migrate(database, revision="0006")
    async with _connected(postgres, SUPERUSER, "bench") as superuser:
        await _fill(superuser, options.assets)
        for revision in ("0007", "head"):
            started = perf_counter()
            await migrate(database, revision=revision)
            print(f"Migrating to {revision} took {perf_counter() - started:.1f} s.", flush=True)
        for statement in TAGS:
            await superuser.execute(statement)
        await superuser.execute("vacuum analyze")
        await _print_sizes(superuser)
        rows = await superuser.fetch("select id from assets tablesample system (1) limit 1000")
        rare = [row["word"] for row in await superuser.fetch(RARE)]
        asker = Asker(engine := engine_of(database.service, pool=1), [row["id"] for row in rows], rare)
        for number in range(options.rounds):
            await asker.round(number)
        print_cpu(asker)
        if options.plans:
            async for plan in asker.plans():
                print(plan, end="\n\n")
        await engine.dispose()
        return [*asker.results(), await written(superuser, rounds=options.rounds)]


async def _fill(superuser: Any, many: int) -> None:
    started = perf_counter()
    await superuser.execute("create temporary table names (name text)")
    await superuser.copy_records_to_table("names", records=[(name,) for name in icon_names()])
    await superuser.execute("set session_replication_role = replica")  # what refers to nothing is not looked for
    await superuser.execute("select setseed(0.5)")
    for statement in LIBRARY:
        await superuser.execute(statement)
    await superuser.execute(ASSETS, many)
    for statement in RECORDS:
        await superuser.execute(statement)
    await superuser.execute("set session_replication_role = origin")
    await superuser.execute("vacuum analyze")
    kept = await superuser.fetchval("select count(*) from assets")
    print(f"{kept:,} assets were made in {perf_counter() - started:.1f} s.", flush=True)


@asynccontextmanager
async def _connected(postgres: EmbeddedPostgres, role: str, database: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(postgres.url(role, database).replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


async def _print_sizes(superuser: Any) -> None:
    columns = await superuser.fetchrow(COLUMNS)
    for name, size in [*(await superuser.fetch(SIZES)), *(columns.items())]:
        print(f"{name:<28} {size / 1e6:8.0f} MB", flush=True)


def _print(results: Sequence[Result]) -> None:
    print(f"{'one row to ours':<72} ratio  target      ours  alternative")
    for r in results:
        print(f"{r.name:<72} {r.ratio:5.1f}  {r.target:6.1f}  {r.ours_us:6.0f} us  {r.alternative_us:8.0f} us")


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--assets", type=int, default=MANY, help="how many to make")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is asked, in turn")
    parser.add_argument("--plans", action="store_true", help="print the plan of what took longest")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    uvloop.run(main(_options()))
