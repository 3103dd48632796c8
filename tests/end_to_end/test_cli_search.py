"""Search from the command line, by a real engine, with and without a worker."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.postgres.embedded import EmbeddedPostgres
from tests.end_to_end.processes import ACTIONBUS, begin
from tests.searching import engine_running


@pytest.fixture(scope="module")
def data(enterable: Path) -> Iterator[Path]:
    """A data folder whose server runs throughout."""
    with EmbeddedPostgres(enterable / "search"):
        yield enterable / "search"


@pytest.fixture
async def engine(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    async with engine_running() as url:
        monkeypatch.setenv("ACTIONBUS_SEARCH_URL", url)
        monkeypatch.setenv("ACTIONBUS_SEARCH_INDEX", "test-cli")
        yield url


async def run(data: Path, *words: str) -> tuple[int | None, Any, str]:
    process = await begin(data, ACTIONBUS, *words)
    printed, told = await process.communicate()
    return process.returncode, json.loads(printed) if printed else None, told.decode()


async def test_an_index_is_built_compared_and_told_of(data: Path, engine: str) -> None:
    """No worker runs: the commands follow themselves."""
    code, space, _ = await run(data, "run", "create_space", "--name", "Ours")
    assert code == 0
    await run(data, "run", "create_kit", "--space_id", space["id"], "--name", "Brand arrows")

    built = await run(data, "search", "reindex")
    assert (built[0], [index["state"] for index in built[1]["indexes"]][-1]) == (0, "live")
    found = await run(data, "run", "search_kits", "--text", "arrow")
    assert [item["kit"]["name"] for item in found[1]["items"]] == ["Brand arrows"]
    code, verified, _ = await run(data, "search", "verify")
    assert (code, verified["compared"], verified["missing"]) == (0, 1, {"count": 0, "ids": []})
    code, status, _ = await run(data, "search", "status")
    assert (code, status["engine"], status["answers"]) == (0, "elasticsearch", True)


async def test_where_postgresql_searches_there_is_nothing_to_build(data: Path) -> None:
    code, _, told = await run(data, "search", "reindex")
    assert (code, told.startswith("actionbus: PostgreSQL searches")) == (78, True)
    assert (await run(data, "search", "verify"))[:2][1]["compares"] is False
    assert (await run(data, "search", "status"))[1] == {"engine": "postgres", "answers": True, "indexes": []}
