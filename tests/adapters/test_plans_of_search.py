"""Searches among a hundred thousand assets: what they read is bounded, however common the words are."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, get_args
from uuid import UUID

import pytest

from adapters.postgres.search import PostgresSearch
from adapters.postgres.search_queries import Queries
from adapters.postgres.search_statements import SCOPES, Statement
from adapters.postgres.suggestions import Within, begun, containing
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.words.sought import Sought
from ports.search import COUNTED, Facet, Sort, Wanted
from service.database import Database, engine_of
from tests.adapters.test_plans import Planner, rows_read
from tests.conftest import BINARIES, TEMPLATE, Cluster

pytestmark = pytest.mark.parametrize("cluster", BINARIES, indirect=True, scope="session")

MANY, SPACES = 100_000, 50
SMALL = UUID(int=3)  # of a thousand assets, as all but the first; of that, Bob is a member
FILL = [
    f"""insert into spaces (id, version, name, created_by)
    select lpad(to_hex(n), 32, '0')::uuid, 1, 'Space ' || n, 'founder' from generate_series(1, {SPACES}) n""",
    """insert into members (id, version, space_id, actor, role) values
    (gen_random_uuid(), 1, lpad('1', 32, '0')::uuid, 'bob', 'viewer'),
    (gen_random_uuid(), 1, lpad('3', 32, '0')::uuid, 'ada', 'viewer'),
    (gen_random_uuid(), 1, lpad('4', 32, '0')::uuid, 'ada', 'viewer')""",
    f"""insert into kits (id, version, space_id, name, visibility)
    select lpad(to_hex(n + 1000), 32, '0')::uuid, 1, lpad(to_hex(n % {SPACES} + 1), 32, '0')::uuid, 'Kit ' || n,
        case when n % 20 = 7 then 'public' else 'private' end from generate_series(1, 500) n""",
    """insert into sections (id, version, space_id, kit_id, name, position)
    select id, 1, space_id, id, 'Section', 0 from kits""",
    # Half of all are in the first space; all are icons, and one of a thousand has a rare word.
    f"""insert into assets (id, version, space_id, kit_id, section_id, name, sha256, media_type, size)
    select lpad(to_hex(n), 32, '0')::uuid, 1, k.space_id, k.id, k.id,
        'icon ' || substr('arrowcloudusersgearsmouse', 1 + 5 * (n % 5), 5) || ' ' || n
        || case when n % 1000 = 3 then ' zebra' else '' end || '.svg', repeat('a', 64), 'image/png', 100
    from generate_series(1, {MANY}) n
    join kits k on k.id = lpad(to_hex(1000 + case when n % 2 = 0 then {SPACES} else n % 499 + 1 end), 32, '0')::uuid""",
    # One that comes last, where tens of thousands begin with what it is called.
    f"""insert into assets (id, version, space_id, kit_id, section_id, name, sha256, media_type, size)
    select lpad(to_hex({MANY} + 1), 32, '0')::uuid, 1, space_id, id, id, 'ico', repeat('a', 64), 'image/png', 100
    from kits where id = lpad(to_hex(1000 + {SPACES}), 32, '0')::uuid""",
    # Half of all have a tag, none of them in the first space.
    """insert into tags (id, version, space_id, name) select id, 1, id, 'often' from spaces""",
    f"""insert into taggings (id, version, space_id, asset_id, tag_id) select id, 1, space_id, id, space_id from assets
    where space_id <> lpad('1', 32, '0')::uuid limit {MANY // 2}""",
    "vacuum analyze",
]
MODES = ["force_custom_plan", "force_generic_plan"]


@pytest.fixture(scope="module")
async def filled(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.empty_database(template=TEMPLATE) as database:
        await cluster.run(*FILL, database=str(database.service.database))
        yield database


class Searcher:
    """The statements of one who searches, and the plans that they have."""

    def __init__(self, cluster: Cluster, database: Database, actor: str, mode: str) -> None:
        self.planner, self._mode, self.actor = Planner(cluster, database), mode, actor
        self._cluster, self._name = cluster, str(database.service.database)

    async def scopes(self) -> list[UUID]:
        sql = SCOPES.replace("$1", f"'{self.actor}'").replace("$2", "null")
        [(spaces, public)] = await self._cluster.run(sql, database=self._name)
        return [*spaces, *public]  # type: ignore[misc]

    async def told(self, sql: Any, values: Any) -> str:
        return await self.planner.told(sql, *map(_written, values), mode=self._mode)

    async def page(
        self, text: str | None, *, forgiving: bool = False, facets: Sequence[Facet] = (), **wanted: Any
    ) -> str:
        queries = None if text is None else Queries(Sought.of(text))
        statement = Statement(self.actor, await self.scopes(), Wanted(kind="asset", text=text, **wanted))
        found = statement.found(queries, forgiving=forgiving)
        sql = statement.page(found, queries, sort="best", behind=None, limit=51, facets=facets)
        return await self.told(sql, statement.values)


def _written(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, list):
        return f"{{{','.join(map(str, value))}}}"
    return str(value).replace("'", "''")


def buffers_read(plan: str) -> int:
    """The pages that it touched, all in all."""
    first = next(line for line in plan.splitlines() if "Buffers:" in line)
    return sum(map(int, re.findall(r"(?:hit|read)=(\d+)", first)))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["zebra", "zebra icon", "zebras", "zebr", "icon arrow 7003"])
async def test_a_rare_word_reads_what_has_it(cluster: Cluster, filled: Database, text: str, mode: str) -> None:
    plan = await Searcher(cluster, filled, "bob", mode).page(text)

    assert "Seq Scan on assets" not in plan, plan
    assert buffers_read(plan) <= 2_500, plan


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["icon", "icon arrow", "svg", "i", "clouds", None])
async def test_a_common_word_reads_what_is_counted(
    cluster: Cluster, filled: Database, text: str | None, mode: str
) -> None:
    plan = await Searcher(cluster, filled, "bob", mode).page(text)

    assert rows_read(plan) <= MANY * 0.6 + 2_000, plan
    assert buffers_read(plan) <= 4 * COUNTED, plan


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["icon", "icon arrow", "svg", "clouds", None])
async def test_a_word_that_others_have_reads_what_one_has_oneself(
    cluster: Cluster, filled: Database, text: str | None, mode: str
) -> None:
    plan = await Searcher(cluster, filled, "ada", mode).page(text)

    assert "Seq Scan on assets" not in plan, plan
    assert rows_read(plan) <= 15_000, plan


@pytest.mark.parametrize("mode", MODES)
async def test_what_is_forgiven_reads_what_has_it(cluster: Cluster, filled: Database, mode: str) -> None:
    plan = await Searcher(cluster, filled, "bob", mode).page("zebxa", forgiving=True)

    assert "ix_assets_spellings" in plan, plan
    assert "Seq Scan on assets" not in plan, plan
    assert rows_read(plan) <= 1_500, plan


@pytest.mark.parametrize("mode", MODES)
async def test_a_seldom_tag_reads_what_has_it(cluster: Cluster, filled: Database, mode: str) -> None:
    plan = await Searcher(cluster, filled, "bob", mode).page("icon", tag="seldom")

    assert buffers_read(plan) <= 1_000, plan


@pytest.mark.parametrize("mode", MODES)
async def test_facets_read_what_is_counted(cluster: Cluster, filled: Database, mode: str) -> None:
    plan = await Searcher(cluster, filled, "bob", mode).page("icon", facets=["kit", "tag", "added_by"])

    assert plan.count("CTE found") == 1, plan
    assert buffers_read(plan) <= 6 * COUNTED, plan


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("beginning", ["i", "icon", "icon arrow 7", "zebra"])
async def test_a_suggestion_reads_names_by_their_beginnings(
    cluster: Cluster, filled: Database, beginning: str, mode: str
) -> None:
    sql, *values = begun("bob", beginning, Within(), limit=10)

    plan = await Searcher(cluster, filled, "bob", mode).told(sql, values)

    assert "Seq Scan on assets" not in plan, plan
    assert buffers_read(plan) <= 5_000, plan


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["svg", "zeb", "cloud"])
async def test_other_suggestions_read_a_thousand(cluster: Cluster, filled: Database, text: str, mode: str) -> None:
    searcher = Searcher(cluster, filled, "bob", mode)
    sql, *values = containing("bob", await searcher.scopes(), Queries(Sought.of(text)), text, Within(), limit=10)

    plan = await searcher.told(sql, values)

    assert buffers_read(plan) <= 8_000, plan


@pytest.mark.parametrize("sort", get_args(Sort))
async def test_of_too_much_what_has_the_words_themselves_is_counted_first(
    cluster: Cluster, filled: Database, sort: Sort
) -> None:
    engine = engine_of(filled.service, pool=1)
    unit = PostgresUnitOfWork(engine)

    async with unit.transaction(readonly=True):
        search = PostgresSearch(unit, "bob")
        wanted = Wanted(kind="asset", text="ico")
        first = await search.search(wanted, sort=sort, limit=1, facets=["space"])
        second = await search.search(wanted, sort=sort, limit=1, cursor=first.next_cursor)
    await engine.dispose()

    assert (first.total, second.total) == (COUNTED, COUNTED)
    assert first.facets["space"][0].count <= COUNTED
    assert first.hits[0].id == UUID(int=MANY + 1)
    assert second.hits[0].id != first.hits[0].id
