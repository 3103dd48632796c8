"""What it costs to write what is to be found: rows into the table, beside the same table without words."""

from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from benchmarks.measure import Result

ROWS, TARGET = 500, 3.0
COLUMNS = "id, version, space_id, kit_id, section_id, name, sha256, media_type, size, added_by"
PLAIN = (
    "create table plain (like assets including all)",
    "alter table plain drop column words, drop column folded",
    "drop index if exists plain_search_spellings_array_idx",
    f"insert into plain ({COLUMNS}) select {COLUMNS} from assets",
    *(f"alter table plain add foreign key ({name}_id) references {name}s" for name in ("space", "kit", "section")),
    "vacuum analyze plain",
)
COPIED = f"""
insert into {{}} ({COLUMNS})
select gen_random_uuid(), version, space_id, kit_id, section_id, 'new-' || $1::text || '-' || name, sha256, media_type,
    size, added_by from assets tablesample system (1) repeatable ($2) limit {ROWS}
"""


async def written(owner: Any, *, rounds: int) -> Result:
    """Write the same rows into both in turn."""
    for statement in PLAIN:
        await owner.execute(statement)
    left = await owner.fetchval("select count(*) from pg_indexes where tablename = 'plain' and indexdef like '%gin%'")
    if left:
        raise RuntimeError("The table without words has an index of them.")
    pairs = [(await _write(owner, "assets", number), await _write(owner, "plain", number)) for number in range(rounds)]
    return Result(
        name="search, writing a row, beside a table without words",
        ratio=round(median(a / b for a, b in pairs), 2),
        target=TARGET,
        ours_us=round(median(a for a, _ in pairs) / ROWS * 1e6, 1),
        alternative_us=round(median(b for _, b in pairs) / ROWS * 1e6, 1),
    )


async def _write(owner: Any, table: str, number: int) -> float:
    mark = uuid4().hex[:4]
    started = perf_counter()
    await owner.execute(COPIED.format(table), mark, number)
    return perf_counter() - started
