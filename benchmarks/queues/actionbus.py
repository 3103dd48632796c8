"""Actionbus: an action that writes a row and enqueues another one, and a worker by its own command.

Each order is a row, its change and two executions in the ledger. Like the others it logs warnings alone, or at `info`
also two records of each execution.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from secrets import token_urlsafe
from typing import IO, Any

import asyncpg
from sqlalchemy import make_url

from adapters.postgres.embedded import OWNER, SERVICE
from adapters.structlog.logger import configure_log
from benchmarks.queues.contender import Place
from ports.action import Caller
from service.composition import Service
from service.database import Database, migrate
from service.runner import ActionRunner
from service.settings import load_settings

HANDLERS, KEY = "benchmarks.actions", token_urlsafe()
UNFINISHED = "select count(*) from executions where state in ('queued', 'running')"


class WithActionbus:
    """One runner, asked by as many as there are producers."""

    _place: Place
    _service: Service
    _watch: Any
    _log: IO[bytes]

    def __init__(self, *, log_level: str = "warning") -> None:
        self.name = "Actionbus" if log_level == "warning" else f"Actionbus, logging {log_level}"
        self._log_level = log_level

    async def open(self, place: Place) -> None:
        self._place = place
        url, owner = (make_url(place.postgres.url(role, place.database)) for role in (SERVICE, OWNER))
        database = Database(url, owner)
        await migrate(database)
        self._log = (place.folder / "producer.log").open("wb")
        configure_log(level=self._log_level, readable=False, stream=self._log)
        settings = load_settings(data=place.folder / "actionbus", handlers=HANDLERS, signing_key=KEY)
        self._service = Service(settings, database)
        self._watch = await asyncpg.connect(place.url())

    def worker(self) -> tuple[Sequence[str], Mapping[str, str]]:
        return ("actionbus", "worker"), {
            "DATABASE_URL": self._place.url(SERVICE),
            "ACTIONBUS_DATA": str(self._place.folder / "actionbus"),
            "ACTIONBUS_HANDLERS": HANDLERS,
            "ACTIONBUS_SIGNING_KEY": KEY,
            "ACTIONBUS_LOG_LEVEL": self._log_level,
        }

    async def produce(self, numbers: range) -> None:
        waiting = iter(numbers)
        await asyncio.gather(*(self._produce(waiting) for _ in range(self._place.at_once)))

    async def unfinished(self) -> int:
        return int(await self._watch.fetchval(UNFINISHED))

    async def close(self) -> None:
        await self._watch.close()
        await self._service.close()
        self._log.close()

    async def _produce(self, numbers: Iterator[int]) -> None:
        runner = ActionRunner(self._service, Caller(actor="owner"))
        for number in numbers:
            await runner.execute("place_order", {"number": number})
