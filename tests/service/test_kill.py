"""A real process, killed with -9 at each place that matters."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.service.conftest import Bench
from tests.service.test_ledger_invariants import SLOW_COMMIT, _as_owner, _committing, eventually


@asynccontextmanager
async def keeping(bench: Bench, where: str) -> AsyncIterator[asyncio.subprocess.Process]:
    url = bench.service.engine.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.service.keep_and_park", url, str(bench.space_id), where, bench.service.key,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    async with asyncio.timeout(20):
        return (await process.stdout.readline()).strip()


async def _at_rest(bench: Bench) -> bool:
    busy = await bench.rows(
        "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    )
    return not busy


@pytest.mark.parametrize(("where", "said"), [("after_effect", b"parked"), ("after_commit", b"committed")])
async def test_effect_and_row_are_there_together_or_not_at_all(bench: Bench, where: str, said: bytes) -> None:
    async with keeping(bench, where) as process:
        assert await _line(process) == said
        process.kill()
    await eventually(lambda: _at_rest(bench))

    committed = where == "after_commit"
    assert await bench.kits() == (["Red"] if committed else [])
    assert await bench.states() == ([("keep_kit", "succeeded", None)] if committed else [])
    again = await bench.keep("Red", key="key-1")
    assert (again.state, again.replayed) == ("succeeded", committed)
    assert await bench.kits() == ["Red"]


async def test_a_commit_goes_on_without_the_process_that_asked_for_it(bench: Bench) -> None:
    await _as_owner(bench, SLOW_COMMIT)
    async with keeping(bench, "in_commit") as process:
        await eventually(lambda: _committing(bench), seconds=20)
        process.kill()
    await eventually(lambda: _at_rest(bench))

    assert await bench.kits() == ["Red"]
    assert await bench.states() == [("keep_kit", "succeeded", None)]
    assert (await bench.keep("Red", key="key-1")).replayed
