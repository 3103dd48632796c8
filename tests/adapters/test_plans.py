"""A kit of a hundred thousand assets: its lists and look-ups cost what those of a small one do, by their plans."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from adapters.postgres.leftovers import UNNAMED, UPLOADS
from adapters.postgres.statements import STATEMENTS, Form, found_by
from adapters.postgres.usage import ASSETS
from ports.library import Asset
from ports.tags import Tagging
from service.database import Database
from tests.conftest import BINARIES, TEMPLATE, Cluster
from tests.library import KIT, SECTION, SPACE

pytestmark = pytest.mark.parametrize("cluster", BINARIES, indirect=True, scope="session")

MANY = 100_000
FILL = [
    f"insert into spaces values ('{SPACE.id}', 1, 'Design', 'founder')",
    f"""insert into kits (id, version, space_id, name, visibility)
    select lpad(to_hex(n), 32, '0')::uuid, 1, '{SPACE.id}', 'Kit ' || n, 'private' from generate_series(1, 100) n""",
    """insert into sections (id, version, space_id, kit_id, name, position)
    select lpad(to_hex(n), 32, '0')::uuid, 1, k.space_id, k.id, 'Section ' || n, n / 100 from generate_series(1, 1000) n
    join kits k on k.id = lpad(to_hex(n % 100 + 1), 32, '0')::uuid""",
    # One kit has nearly all of them, and of those every second in a row of 20,000 is in its trash.
    f"""insert into assets (id, version, space_id, kit_id, section_id, name, sha256, media_type, size, removed_at)
    select lpad(to_hex(n), 32, '0')::uuid, 1, s.space_id, s.kit_id, s.id, 'Asset ' || n, md5(n::text) || md5(n::text),
        'image/png', 100, case when n between 1 and 20000 then now() end
    from generate_series(1, {MANY}) n join sections s
    on s.id = lpad(to_hex(case when n % 50 = 0 then n % 1000 + 1 else {SECTION.id.int} end), 32, '0')::uuid""",
    f"insert into tags values ('{UUID(int=1)}', 1, '{SPACE.id}', 'all')",
    f"""insert into taggings select lpad(to_hex(n), 32, '0')::uuid, 1, '{SPACE.id}', lpad(to_hex(n), 32, '0')::uuid,
        '{UUID(int=1)}' from generate_series(1, {MANY}) n""",
    """insert into usage select lpad(to_hex(n), 32, '0')::uuid, n, n from generate_series(1, 5000) n""",
    f"""insert into uploads select lpad(to_hex(n), 32, '0')::uuid, 1, 'actor', md5(n::text) || md5(n::text), 'a',
        100, now() - n * interval '1 minute' from generate_series(1, {MANY // 2}) n""",
    "analyze",
]


@pytest.fixture(scope="module")
async def filled(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.empty_database(template=TEMPLATE) as database:
        await cluster.run(*FILL, database=str(database.service.database))
        yield database


class Planner:
    """What the server says of how it would answer, and how much it reads when it does."""

    def __init__(self, cluster: Cluster, database: Database) -> None:
        self._cluster, self._name = cluster, str(database.service.database)

    async def told(self, sql: str, *values: object, mode: str) -> str:
        given = ", ".join("null" if value is None else f"'{value}'" for value in values)
        asked = (
            f"set plan_cache_mode = {mode}",
            f"prepare asked as {sql}",
            f"explain (analyze, buffers, costs off, timing off, summary off) execute asked({given})",
        )
        return "\n".join(str(line) for (line,) in await self._cluster.run(*asked, database=self._name))


KEPT: tuple[str, Form] = ("removed_at", "is null")
REMOVED: tuple[str, Form] = ("removed_at", "is not null")
IN_KIT: tuple[str, Form] = ("kit_id", "= ${}")
IN_SECTION: tuple[str, Form] = ("section_id", "= ${}")
OF_ASSET: tuple[str, Form] = ("asset_id", "= ${}")
BIG_KIT, BIG_SECTION, CURSOR = UUID(int=SECTION.id.int % 100 + 1), SECTION.id, UUID(int=50_000)
PAGES = {
    "a kit": ((IN_KIT, KEPT), (BIG_KIT,), "ix_assets_kit_id_id_kept"),
    "a section of a kit": ((IN_KIT, KEPT, IN_SECTION), (BIG_KIT, BIG_SECTION), "ix_assets_section_id_id_kept"),
    "its trash": ((IN_KIT, REMOVED), (BIG_KIT,), "ix_assets_kit_id_id_removed"),
}


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("after", [False, True], ids=["first page", "later page"])
@pytest.mark.parametrize("page", PAGES)
async def test_a_page_of_assets_reads_a_page(
    cluster: Cluster, filled: Database, page: str, mode: str, *, after: bool
) -> None:
    equal, values, _ = PAGES[page]
    cursor = [UUID(int=10_000) if page == "its trash" else CURSOR] if after else []

    plan = await Planner(cluster, filled).told(
        found_by(STATEMENTS[Asset], equal, after=after), *values, *cursor, 51, mode=mode
    )

    assert "Seq Scan" not in plan, plan
    assert "Sort" not in plan, plan
    assert rows_read(plan) <= 60, plan


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(
    ("sql", "values"),
    [
        (STATEMENTS[Asset].get, (UUID(int=70_000),)),
        (found_by(STATEMENTS[Tagging], (OF_ASSET,), after=False), (UUID(int=70_000), 201)),
        (ASSETS, (f"{{{KIT.id},{UUID(int=1)}}}",)),
        (UNNAMED, ("{" + "ab" * 32 + "}",)),
    ],
    ids=["an asset", "its tags", "how many a kit has", "whether a file is named"],
)
async def test_a_look_up_reads_what_it_is_for(
    cluster: Cluster, filled: Database, sql: str, values: tuple[object, ...], mode: str
) -> None:
    plan = await Planner(cluster, filled).told(sql, *values, mode=mode)

    assert "Seq Scan" not in plan, plan
    assert rows_read(plan) <= 60, plan


async def test_what_is_swept_is_found_in_batches(cluster: Cluster, filled: Database) -> None:
    plan = await Planner(cluster, filled).told(UPLOADS, "2000-01-01", 500, mode="force_generic_plan")

    assert "Seq Scan on uploads" not in plan, plan


def rows_read(plan: str) -> int:
    """The rows that any step of it touched, those that it threw away again among them."""
    kept = [round(float(n)) * int(loops) for n, loops in re.findall(r"actual rows=([\d.]+) loops=(\d+)", plan)]
    return max(kept) + sum(int(n) for n in re.findall(r"Rows Removed by \w+(?: \w+)*: (\d+)", plan))
