"""Following: the index of a search engine is kept true by one process at a time, whichever comes first."""

import asyncio
from typing import Any

from adapters.postgres.connections import borrowed, reaching_the_database
from adapters.structlog.logger import unbound_log
from ports.search import SearchUnavailable
from ports.unit_of_work import DatabaseUnavailable
from service.composition import Service
from service.database import engine_of
from service.search import Follows

POLL_SECONDS = 0.5  # what is committed is found this late
BACKOFF_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0)
# Held by the session, not by a transaction: none is open while the engine is written to.
ONE_AT_A_TIME = "select pg_try_advisory_lock(hashtextextended('actionbus.search', 47))"


class Following:
    """Brings what is committed to the search engine, until it is cancelled; one that is away is waited for."""

    def __init__(self, service: Service) -> None:
        self._service, self._failures = service, 0

    async def run(self) -> None:
        """Follow, if anything is to be followed; wait for one who does, and take over when they end."""
        make = self._service.search.follower(unbound_log())
        if make is None:
            return
        engine = engine_of(self._service.engine.url, pool=1)  # its session holds the lock
        try:
            while True:
                try:
                    with reaching_the_database():
                        async with borrowed(engine, for_good=True) as driver:  # the lock goes with the session
                            await self._follow(make(driver), driver)
                except DatabaseUnavailable:
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            await engine.dispose()

    async def _follow(self, follower: Follows, driver: Any) -> None:
        leads = False
        while True:
            leads = leads or await driver.fetchval(ONE_AT_A_TIME)
            if not (leads and await self._step(follower)):
                await asyncio.sleep(POLL_SECONDS)

    async def _step(self, follower: Follows) -> bool:
        """Do some, and return whether to go on at once."""
        try:
            more = await follower.step()
        except SearchUnavailable as error:
            await self._wait_for_the_engine(error)
            return True
        self._reached()
        return more

    async def _wait_for_the_engine(self, error: SearchUnavailable) -> None:
        if not self._failures:
            unbound_log().error("search.unreachable", reason=repr(error.__cause__))
        await asyncio.sleep(BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)])
        self._failures += 1

    def _reached(self) -> None:
        if self._failures:
            unbound_log().info("search.reached", failures=self._failures)
        self._failures = 0


async def follow_changes(service: Service) -> None:
    """Follow, whatever goes wrong in between."""
    while True:
        try:
            await Following(service).run()
        except Exception as error:  # noqa: BLE001 - what is not expected is on the log, and tried again
            unbound_log().error("search.following_failed", exc_info=error)
            await asyncio.sleep(BACKOFF_SECONDS[-1])
        else:
            return
