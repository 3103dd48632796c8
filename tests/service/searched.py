"""A service that Elasticsearch searches for, behind a door; what its index holds, compared by other means."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from pydantic import SecretStr
from sqlalchemy import text

from ports.search import Wanted
from ports.search_upkeep import SearchStatus, Verified
from ports.usage import Quota
from service.background.following import follow_changes
from service.composition import Service
from service.database import Database
from service.settings import Settings
from tests.adapters.searching import ADA, Engine, Library
from tests.adapters.storage import PostgresStorage
from tests.searching import Door
from tests.service.conftest import Bench
from tests.service.test_ledger_invariants import eventually
from tests.service.working import begin_worker

WRITES = int(os.environ.get("SEARCH_WRITES", "200"))
AWAY = float(os.environ.get("SEARCH_AWAY", "2"))
ROWS = """
select id::text, 'kit', name, visibility = 'public', '{}'::text[], space_id::text from kits where archived_at is null
union all
select a.id::text, 'asset', a.name, k.visibility = 'public',
    array(select t.name from tags t join taggings g on g.tag_id = t.id where g.asset_id = a.id order by 1),
    a.kit_id::text
from assets a join kits k on k.id = a.kit_id where removed_at is null and archived_at is null
"""


@dataclass
class Searched:
    """A service, what is kept in it, and the way to the engine."""

    service: Service
    library: Library
    door: Door
    engine_url: str

    @property
    def bench(self) -> Bench:
        return Bench(self.service, None, None, self.library.new_id())  # type: ignore[arg-type]

    @property
    def alias(self) -> str:
        return self.service.settings.search_index

    async def found(self, words: str | None = None, *, by: str = ADA, **wanted: Any) -> list[str]:
        """The names that an actor finds."""
        storage: Any = self.library.engine.storage
        async with storage.transaction(by, readonly=True) as ports:
            index = self.service.search.index(ports.unit, by)
            hits = await index.search(Wanted(kind=wanted.pop("kind", "asset"), text=words, **wanted), limit=50)
        return ["".join(part.text for part in hit.parts) for hit in hits.hits]

    async def status(self) -> SearchStatus:
        status: SearchStatus = await self._upkeep().status()
        return status

    async def reindex(self) -> str | None:
        storage: Any = self.library.engine.storage
        async with storage.transaction() as ports:
            return await self.service.search.upkeep(ports.unit, self.service.beside).reindex()

    async def verify(self, *, repair: bool = False) -> Verified:
        verified: Verified = await self._upkeep().verify(repair=repair, report=lambda _: None)
        return verified

    def _upkeep(self) -> Any:
        return self.service.search.upkeep(None, self.service.beside)  # type: ignore[arg-type] # reads beside it

    async def caught_up(self, *, seconds: float = 60) -> None:
        """Return once there is one live index, and nothing that it has not followed."""

        async def is_level() -> bool:
            status = await self.status()
            states = [index.state for index in status.indexes if index.state != "retired"]
            return states == ["live"] and not any(
                index.behind_changes for index in status.indexes if index.state == "live"
            )

        await eventually(is_level, seconds=seconds)
        await self.ask("POST", "_refresh")

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        """Ask the engine itself about the live index, not through the door."""
        return await self.ask_index(method, f"{self.alias}/{path}", **body)

    async def ask_index(self, method: str, path: str, **body: Any) -> Any:
        async with httpx.AsyncClient(base_url=self.engine_url, trust_env=False) as client:
            answer = await client.request(method, f"/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json()

    async def differences(self) -> set[str]:
        """The ids of all that is not the same in the index and in the database."""
        async with self.service.engine.connect() as connection:
            rows = {row[0]: _told(*row[1:]) for row in await connection.execute(text(ROWS))}
        answer = await self.ask("POST", "_search", size=10_000, query={"match_all": {}})
        documents = {hit["_id"]: _told_by(hit["_source"]) for hit in answer["hits"]["hits"]}
        return {each for each in {*rows, *documents} if rows.get(each) != documents.get(each)}


def _told(kind: str, name: str, is_open: bool, tags: list[str], within: str) -> tuple[Any, ...]:  # noqa: FBT001 - a column
    return kind, tuple(sorted({*name.lower().split()})), is_open, tuple(tags), within


def _told_by(source: Mapping[str, Any]) -> tuple[Any, ...]:
    within = source["kit_id"] if source["kind"] == "asset" else source["space_id"]
    return source["kind"], tuple(sorted(source["words"])), source["open"], tuple(source.get("tags", ())), within


@asynccontextmanager
async def searched(settings: Settings, database: Database, door: Door, engine_url: str) -> AsyncIterator[Searched]:
    """A service with an index of its own, which is gone afterwards."""
    said = {"search_url": SecretStr(door.url), "search_index": f"test-{uuid4().hex}"}
    service = Service(settings.model_copy(update=said), database)
    storage = PostgresStorage(service.engine)
    storage.quota = Quota(max_assets=1_000_000, max_bytes=1_000_000_000)
    library = Library(Engine(storage))
    await library.found()
    try:
        yield Searched(service, library, door, engine_url)
    finally:
        async with service.engine.connect() as connection:
            names = [*await connection.scalars(text("select name from search_indexes"))]
        async with httpx.AsyncClient(base_url=engine_url, trust_env=False) as client:
            for name in names:
                await client.delete(f"/{name}", params={"ignore_unavailable": "true"})
        await service.close()


@asynccontextmanager
async def following(of: Searched) -> AsyncIterator[None]:
    """A follower in this process."""
    task = asyncio.ensure_future(follow_changes(of.service))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def begin_following(of: Searched) -> asyncio.subprocess.Process:
    """A worker's process, which follows beside its work if it is the one."""
    said = of.service.settings
    return await begin_worker(of.bench, handlers="handlers", search_url=of.door.url, search_index=said.search_index)
