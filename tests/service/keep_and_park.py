"""A process that keeps a kit and parks where it is told, for a test to kill: URL SPACE_ID WHERE KEY."""

import asyncio
import sys
import tempfile
from pathlib import Path

from sqlalchemy import make_url

from adapters.memory.logger import MemoryLogger
from ports.action import Caller
from service.composition import Service
from service.database import Database
from service.runner import ActionRunner
from service.settings import load_settings


class Announcing:
    """Says on standard output how far the action has come."""

    def report(self, done: int, *, total: int | None = None, note: str = "") -> None:
        """Say it."""
        sys.stdout.write(f"{note}\n")
        sys.stdout.flush()


class ParkingLog(MemoryLogger):
    """Says that the outcome is on record, and waits for ever."""

    def info(self, event: str, /, **fields: object) -> None:
        """Wait after the commit, before the answer."""
        super().info(event, **fields)
        if event == "action.completed":
            sys.stdout.write("committed\n")
            sys.stdout.flush()
            sys.stdin.read()


async def main(url: str, space_id: str, where: str, key: str) -> None:
    """Keep the kit."""
    settings = load_settings(data=Path(tempfile.mkdtemp()), signing_key=key, handlers="tests.service.probes")
    service = Service(settings, Database(make_url(url), None))
    log = ParkingLog() if where == "after_commit" else MemoryLogger()
    runner = ActionRunner(service, Caller(actor="owner"), replaced={"logger": log, "progress": Announcing()})
    then = "park" if where == "after_effect" else "end"
    await runner.run("keep_kit", {"space_id": space_id, "name": "Red", "then": then}, key="key-1")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
