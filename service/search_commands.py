"""The commands for operators of search: how its index is, building it anew, and comparing it with the database."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import click

from ports.action import Execution
from ports.problem import Problem
from ports.search_upkeep import SearchStatus, Verified
from service.background.following import follow_changes
from service.composition import Service, open_service
from service.outcome import Outcome
from service.runner import ActionRunner
from service.shell import exit_with, print_outcome, run_async, runner_in, settings_of

POLL_SECONDS = 0.5
EX_DIFFERENT = 1


def print_status(**flags: Any) -> None:
    """Print how the index is."""
    print_outcome(_with_runner(lambda runner: runner.run("get_search_status", {}), flags))


def print_reindexed(**flags: Any) -> None:
    """Have an index built, help with it, and print how it is when it is live."""

    async def work(runner: ActionRunner) -> Outcome:
        asked = await runner.run("reindex_search", {})
        if asked.problem is not None:
            return asked
        if asked.output.name is None:
            raise exit_with("PostgreSQL searches, and its rows are the index: set ACTIONBUS_SEARCH_URL for another.")
        while True:
            outcome = await runner.run("get_search_status", {})
            if outcome.problem is not None or not _still_builds(outcome.output, asked.output.name):
                return outcome
            await asyncio.sleep(POLL_SECONDS)

    print_outcome(_with_runner(work, flags))


def print_verified(*, repair: bool, **flags: Any) -> None:
    """Compare, and print what was found; the exit code is 1 if anything differs and was not repaired."""
    outcome = _with_runner(lambda runner: runner.run("verify_search", {"repair": repair}), flags)
    print_outcome(outcome)
    found: Verified = outcome.output
    if found.differences > found.repaired or found.unsettled.count:
        sys.exit(EX_DIFFERENT)


def _still_builds(status: SearchStatus, name: str) -> bool:
    """Return whether the index is still being built, and tell how far it is."""
    building = next((index for index in status.indexes if index.name == name and index.state == "building"), None)
    if building and sys.stderr.isatty():
        away = "" if status.answers else ", the engine does not answer"
        click.echo(f"\r{building.filled} documents{away}\x1b[K", err=True, nl=False)
    return building is not None


def _with_runner(work: Callable[[ActionRunner], Awaitable[Outcome]], flags: Mapping[str, Any]) -> Outcome:
    """Run `work`, with a follower beside it in case that no worker is there; if one is, it only waits."""

    async def within() -> Outcome:
        async with open_service(settings_of(flags)) as service, _followed(service):
            try:
                return await work(await runner_in(service))
            except Problem as problem:  # of the token
                return Outcome.of(problem, Execution(), recorded=False)

    return run_async(within())


@asynccontextmanager
async def _followed(service: Service) -> AsyncIterator[None]:
    following = asyncio.ensure_future(follow_changes(service))
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
