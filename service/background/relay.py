"""The relay: tells Celery's broker which executions are due, and sees to what workers do besides on the ledger."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from adapters.structlog.logger import unbound_log
from ports.broker import Broker, BrokerUnavailable
from ports.unit_of_work import DatabaseUnavailable
from service.background.attempts import bury_lost
from service.background.following import follow_changes
from service.background.scheduling import follow_timetable
from service.composition import Service

POLL_SECONDS = 0.5  # what becomes due by itself is found this late, and another relay's end
ROOM_SECONDS = 0.1  # after something was sent: by then there may be room for more of what is limited
BACKOFF_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0)
TOGETHER = 100


class Relay:
    """Sends what is committed and due, until it is told to stop; of several on a database, one does at a time.

    The ledger stays the truth: what is sent twice is begun once, and what the broker lost is sent again.
    """

    def __init__(self, service: Service, broker: Broker) -> None:
        self._service, self._broker = service, broker
        self._limits = {
            name: handler.concurrency for name, handler in service.registry.all() if handler.concurrency is not None
        }
        self._news, self._failures = asyncio.Event(), 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping` is set."""
        duties = [
            asyncio.ensure_future(duty)
            for duty in (
                self._service.work.listen(self._news.set),
                follow_timetable(self._service),
                follow_changes(self._service),
                self._each(POLL_SECONDS, self._tend),
                self._each(0, self._send),
            )
        ]
        try:
            await stopping.wait()
        finally:
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)
            await self._broker.close()

    async def _send(self) -> None:
        """Send what there is, and wait until there may be more."""
        self._news.clear()
        try:
            sent = await self._service.outbox.send(self._broker, limits=self._limits, most=TOGETHER)
        except BrokerUnavailable as error:
            await self._wait_for_the_broker(error)
            return
        if sent is None:  # another relay is at it, and hears of what is new
            await asyncio.sleep(POLL_SECONDS)
            return
        if sent:
            self._reached()
        if sent < TOGETHER:
            with suppress(TimeoutError):
                async with asyncio.timeout(ROOM_SECONDS if sent else POLL_SECONDS):
                    await self._news.wait()

    async def _wait_for_the_broker(self, error: BrokerUnavailable) -> None:
        if not self._failures:
            with suppress(DatabaseUnavailable):
                waiting = await self._service.outbox.count()
                unbound_log().error("broker.unreachable", waiting=waiting, reason=repr(error.__cause__))
        await asyncio.sleep(BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)])
        self._failures += 1

    def _reached(self) -> None:
        if self._failures:
            unbound_log().info("broker.reached", failures=self._failures)
        self._failures = 0

    async def _tend(self) -> None:
        await bury_lost(self._service)
        again = await self._service.outbox.forget(older_than=self._service.settings.resend_seconds)
        if again:
            unbound_log().warning("broker.silent", sent_again=again)

    async def _each(self, seconds: float, duty: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await duty()
            except DatabaseUnavailable:
                await asyncio.sleep(POLL_SECONDS)  # it is tried again soon
            except Exception as error:  # noqa: BLE001 - a relay outlives what goes wrong in between
                unbound_log().error("relay.duty_failed", exc_info=error)
                await asyncio.sleep(POLL_SECONDS)
            await asyncio.sleep(seconds)
