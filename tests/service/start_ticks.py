"""A process that starts what is due by a clock which a test sets, for that test to kill: URL KEY CLOCK."""

import asyncio
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from adapters.structlog.logger import configure_log
from service.background.scheduling import start_due
from service.composition import Service
from service.database import Database
from service.settings import load_settings


async def main(url: str, key: str, clock: Path) -> None:
    """Look at the clock, start what is due, and look again."""
    configure_log(level="error", readable=False)
    settings = load_settings(data=Path(tempfile.mkdtemp()), signing_key=key, handlers="tests.service.probes")
    service = Service(settings, Database(make_url(url), None))
    while True:
        await start_due(service, now=datetime.fromisoformat(clock.read_text()))
        await asyncio.sleep(0.002)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
