"""What is asked of the library: searches and suggestions, beside reading one asset."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from types import MappingProxyType
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import text as text_of
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.repo import PostgresRepo
from adapters.postgres.search import PostgresSearch
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from benchmarks.measure import Result
from benchmarks.search.million import ADA, BOB
from ports.library import Asset
from ports.search import Facet, Wanted

TARGET = 200.0  # times one row: about a tenth of a second


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way to ask, with different words in turn."""

    name: str
    texts: Sequence[str]
    actor: str = ADA
    suggested: bool = False
    facets: Sequence[Facet] = ()
    second: bool = False
    filters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


RARE = """
select word from ts_stat($$select words from assets where space_id = '00000000-0000-0000-0000-000000000001'$$)
where ndoc between 2 and 9 and word ~ '^[a-z]{8,}$' order by md5(word) limit 20
"""
COMMON = ("arrow", "document", "down", "circle", "square", "left")
MISTAKES = ("arow", "documemt", "magnifing", "chevrom", "curency", "squarre")
CASES = (
    Case(name="a common word", texts=COMMON),
    Case(name="a rare word", texts=()),
    Case(name="two words", texts=("arrow cloud", "document star", "user circle", "left key", "bell fire")),
    Case(name="a beginning", texts=("arr", "doc", "ci", "sq", "chev", "mag")),
    Case(name="a typing mistake", texts=MISTAKES),
    Case(name="with filters", texts=COMMON, filters={"tag": "tag 3", "media_type": "image/svg+xml"}),
    Case(name="with facets", texts=COMMON, facets=get_args(Facet)),
    Case(name="the second page", texts=COMMON, second=True),
    Case(name="no word", texts=("",)),
    Case(name="a common word in a small space", texts=COMMON, actor=BOB),
    Case(name="suggestions, a letter", texts=("a", "d", "c", "m", "s"), suggested=True),
    Case(name="suggestions, two letters", texts=("ar", "do", "ci", "ma", "sq"), suggested=True),
    Case(name="suggestions, four letters", texts=("arro", "docu", "circ", "squa", "magn"), suggested=True),
    Case(name="suggestions, two words", texts=("arrow up", "left arr", "document cu", "user pl"), suggested=True),
)


class Told(PostgresUnitOfWork):
    """A unit of work that remembers what was asked of the server."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.told = list[tuple[str, tuple[object, ...]]]()

    async def driver(self) -> Any:
        driver = await super().driver()
        return _Telling(driver, self.told)


class _Telling:
    def __init__(self, driver: Any, told: list[tuple[str, tuple[object, ...]]]) -> None:
        self._driver, self._told = driver, told

    async def fetch(self, sql: str, *values: object) -> Any:
        self._told.append((sql, values))
        return await self._driver.fetch(sql, *values)

    async def fetchrow(self, sql: str, *values: object) -> Any:
        self._told.append((sql, values))
        return await self._driver.fetchrow(sql, *values)


class Asker:
    """Asks, each time in a transaction of its own on the same connection, and keeps how long it took."""

    def __init__(self, engine: AsyncEngine, ids: Sequence[UUID], rare: Sequence[str]) -> None:
        self._engine, self._ids, self._rare = engine, ids, rare
        self.took: dict[str, list[float]] = {case.name: [] for case in CASES}
        self.cpu: dict[str, list[float]] = {case.name: [] for case in CASES}
        self.found: dict[str, set[int]] = {case.name: set() for case in CASES}
        self.reads = list[float]()

    async def round(self, number: int) -> None:
        """Ask each once, and read one row before each."""
        for place, case in enumerate(CASES):
            self.reads.append(await self._read(self._ids[(number * len(CASES) + place) % len(self._ids)]))
            self.took[case.name].append(await self._ask(case, number))

    def results(self) -> list[Result]:
        """Return each beside the read: the ratios of their medians and of their 95th percentiles."""
        return [
            Result(
                name=f"search, {case.name}, p{percent}, beside reading a row",
                ratio=round(_percentile(self.took[case.name], percent) / _percentile(self.reads, percent), 1),
                target=TARGET,
                ours_us=round(_percentile(self.took[case.name], percent) * 1e6, 1),
                alternative_us=round(_percentile(self.reads, percent) * 1e6, 1),
            )
            for case in CASES
            for percent in (50, 95)
        ]

    async def plans(self) -> AsyncIterator[str]:
        """Yield the plans of what took longest."""
        slowest = max(CASES, key=lambda case: _percentile(self.took[case.name], 95))
        unit = Told(self._engine)
        async with unit.transaction(readonly=True):
            await _answer(unit, slowest, (slowest.texts or self._rare)[0])
            driver = await PostgresUnitOfWork.driver(unit)
            for sql, values in unit.told:
                lines = await driver.fetch(f"explain (analyze, buffers) {sql}", *values)
                yield "\n".join([slowest.name, *(line[0] for line in lines)])

    async def _ask(self, case: Case, number: int) -> float:
        texts = case.texts or self._rare
        text = texts[number % len(texts)]
        unit = PostgresUnitOfWork(self._engine)
        cursor = None
        if case.second:
            async with unit.transaction(readonly=True):
                hits = await PostgresSearch(unit, case.actor).search(Wanted(kind="asset", text=text), limit=50)
                cursor = hits.next_cursor
        server = await self._server_seconds()
        started, own = perf_counter(), process_time()
        async with unit.transaction(readonly=True):
            self.found[case.name].add(await _answer(unit, case, text, cursor))
        took, own = perf_counter() - started, process_time() - own
        self.cpu[case.name].append(own + await self._server_seconds() - server)
        return took

    async def _server_seconds(self) -> float:
        """Return how long a processor has worked for the connection at the other end of it."""
        async with self._engine.connect() as connection:
            pid = await connection.scalar(text_of("select pg_backend_pid()"))
        ran, *_ = Path(f"/proc/{pid}/schedstat").read_text().split()
        return int(ran) / 1e9

    async def _read(self, id: UUID) -> float:
        started = perf_counter()
        unit = PostgresUnitOfWork(self._engine)
        async with unit.transaction(readonly=True):
            await PostgresRepo(unit, id).get(Asset, id)
        return perf_counter() - started


async def _answer(unit: PostgresUnitOfWork, case: Case, text: str, cursor: str | None = None) -> int:
    """Return how much was found."""
    search = PostgresSearch(unit, case.actor)
    if case.suggested:
        return len(await search.suggest(text, limit=10))
    wanted = Wanted(kind="asset", text=text or None, **case.filters)
    return (await search.search(wanted, limit=50, cursor=cursor, facets=case.facets)).total


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return quantiles(seconds, n=100)[percent - 1]


def print_cpu(asker: Asker) -> None:
    """Print what each found, and how long the processors worked for it: that tells more while others work, too."""
    print(f"{'asked':<40}          found   processor, p50")
    for name, found in asker.found.items():
        print(f"{name:<40} {min(found):6,} - {max(found):6,}  {_percentile(asker.cpu[name], 50) * 1000:8.1f} ms")
