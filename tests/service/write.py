"""A process that writes, and queues as it does, for a test to kill: SPACE_ID FIRST LAST, settings by environment."""

import asyncio
import sys
from io import BytesIO

from adapters.structlog.logger import configure_log
from ports.action import Caller
from service.composition import open_service
from service.runner import ActionRunner
from service.settings import load_settings

ENDS = ("end", "problem", "end", "end", "bug", "end")


async def main(space_id: str, first: str, last: str) -> None:
    """Keep kits of these numbers, each with another one later; a third is rolled back. Say each that is done with."""
    configure_log(level="error", readable=False, stream=BytesIO())  # bugs are made on purpose
    async with open_service(load_settings()) as service:
        runner = ActionRunner(service, Caller(actor="owner"))
        for number in range(int(first), int(last)):
            sent = {"space_id": space_id, "name": str(number), "then": ENDS[number % len(ENDS)]}
            await runner.run("fill_space", sent)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
