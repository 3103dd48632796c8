"""Work in the background from the command line: real processes, and a worker beside them."""

import asyncio
import json
import os
import pty
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from adapters.postgres.embedded import EmbeddedPostgres
from service.cli import main
from tests.end_to_end.processes import ACTIONBUS, CHECKOUT, PATIENCE, begin, environment

NOBODY = "00000000-0000-7000-8000-000000000000"


class Done(NamedTuple):
    code: int | None
    printed: str
    told: str

    @property
    def answer(self) -> Any:
        assert (self.code, self.told) == (0, "")
        return json.loads(self.printed)


@pytest.fixture(scope="module")
def data(enterable: Path) -> Iterator[Path]:
    """A data folder whose server runs throughout, so that no command waits for its start."""
    with EmbeddedPostgres(enterable / "background"):
        yield enterable / "background"


async def ended(process: Process) -> Done:
    async with asyncio.timeout(PATIENCE):
        printed, told = await process.communicate()
    return Done(process.returncode, printed.decode(), told.decode())


async def run(data: Path, *words: str) -> Done:
    return await ended(await begin(data, ACTIONBUS, *words))


@asynccontextmanager
async def worker(data: Path) -> AsyncIterator[Process]:
    process = await begin(data, ACTIONBUS, "worker")
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == b"The worker is ready.\n"
        yield process
    finally:
        process.terminate()
        await process.communicate()


@asynccontextmanager
async def terminal(data: Path, *words: str) -> AsyncIterator[tuple[Process, Callable[[str], Awaitable[str]]]]:
    """A command on a terminal, and what returns all that is shown from then on once that text is."""
    above, below = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        ACTIONBUS, *words, cwd=CHECKOUT, env=environment(data), stdout=below, stderr=below
    )

    async def shows(text: str) -> str:
        shown = ""
        async with asyncio.timeout(PATIENCE):
            while text not in shown:
                shown += (await asyncio.to_thread(os.read, above, 4096)).decode()
        return shown

    try:
        yield process, shows
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(above)
        os.close(below)


async def test_what_was_queued_is_watched_to_its_end(data: Path) -> None:
    made = (await run(data, "run", "create_space", "--name=Design", "--async")).answer
    assert (made["action"], made["state"]) == ("create_space", "queued")
    assert (await run(data, "workers")).answer["items"] == []

    async with worker(data) as process:
        watched, waited = await asyncio.gather(
            run(data, "watch", made["id"]),
            run(data, "run", "create_space", "--name=Brand", "--async", "--wait"),
        )
        problem = (await run(data, "run", "create_space", "--name=Design", "--async", "--priority=-1")).answer
        refused = await run(data, "watch", problem["id"])
        (heard_of,) = (await run(data, "workers")).answer["items"]

    assert watched.answer["name"] == "Design"
    assert waited.answer["name"] == "Brand"
    assert (refused.code, refused.printed, json.loads(refused.told)["code"]) == (73, "", "space_name_taken")
    assert json.loads(refused.told)["instance"] == f"/executions/{problem['id']}"
    assert (heard_of["pid"], heard_of["queues"], heard_of["stopping"]) == (process.pid, [], False)


async def test_what_is_not_on_record_cannot_be_watched(data: Path) -> None:
    unknown = await run(data, "watch", NOBODY)

    assert (unknown.code, unknown.printed, json.loads(unknown.told)["code"]) == (66, "", "entity_not_found")


async def test_who_stops_watching_leaves_it_running_and_is_told_so(data: Path) -> None:
    queued = (await run(data, "run", "create_space", "--name=Slow", "--async", "--delay=3600")).answer
    async with terminal(data, "watch", queued["id"]) as (watching, shows):
        await shows("queued")
        watching.send_signal(signal.SIGINT)
        await shows(f"`actionbus watch {queued['id']}` watches it again")
        assert await watching.wait() == 130
    listed = (await run(data, "run", "list_executions", "--state=queued")).answer["items"]

    assert queued["id"] in [each["id"] for each in listed]


async def test_a_terminal_shows_a_table_of_workers_that_goes_on(data: Path) -> None:
    async with worker(data) as process, terminal(data, "workers", "--watch") as (watching, shows):
        await shows("HEARD OF")
        shown = await shows("HEARD OF") + await shows("working")
        watching.send_signal(signal.SIGINT)
        assert await watching.wait() == 130

    line = next(line for line in shown.splitlines() if f" {process.pid} " in line)
    assert [word in line for word in ("0/10", "working", "s ago", "all")] == [True] * 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--delay=5"], "Say --async with --delay."),
        (["--wait"], "Say --async with --wait."),
        (["--async", "--at=soon"], "'soon' is no time such as 2026-01-31T18:00"),
        (["--async", "--at=9999-12-31T23:59Z", "--delay=86400"], "`at` is in the year 9999"),
        (["--async", "--delay=-1"], "not in the range"),
        (["--async", "--priority=99999"], "not in the range"),
    ],
)
def test_a_wish_that_cannot_be_is_told_before_anything_is_begun(options: list[str], said: str) -> None:
    done = CliRunner().invoke(main, ["run", "create_space", "--name=x", *options])

    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.parametrize("action", ["list_spaces", "share_kit", "accept_invitation"])
def test_what_cannot_be_in_the_background_has_no_such_option(action: str) -> None:
    assert "--async" in CliRunner().invoke(main, ["run", "create_space", "--help"]).output
    assert "--async" not in CliRunner().invoke(main, ["run", action, "--help"]).output


@pytest.mark.parametrize("command", [("worker",), ("serve", "--port=0")])
async def test_a_queue_that_no_action_is_in_is_refused(data: Path, command: tuple[str, ...]) -> None:
    done = await ended(await begin(data, ACTIONBUS, *command, ACTIONBUS_WORKER_QUEUES="default,nosuch"))

    assert (done.code, done.printed) == (78, "")
    assert done.told.startswith("actionbus: No action is in the queue 'nosuch'; there are ")
