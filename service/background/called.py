"""A worker that is called: a process of Celery's tells it which execution to run."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any
from uuid import UUID

from ports.unit_of_work import DatabaseUnavailable
from ports.work import Claimed
from service.background.worker import BEAT_SECONDS, POLL_SECONDS, Worker

APPEAR_SECONDS = 2.0
ASKING_SECONDS = 30.0


class CalledWorker(Worker):
    """Runs what it is told to, if the ledger lets it: what another one has, or has had, it leaves alone."""

    async def carry_out(self, id: UUID) -> None:
        """Attempt an execution to its end; one that waits and cannot be claimed now is sent again later.

        Raise `DatabaseUnavailable` if the ledger cannot be asked for a long time.
        """
        for claimed in await self._asked(id):
            await self._holding.start(claimed)

    async def _asked(self, id: UUID) -> list[Claimed]:
        until = asyncio.get_running_loop().time() + ASKING_SECONDS
        while True:
            try:
                claimed = await self._service.work.claim(
                    self._known, worker=self.id, lease=self._lease, most=1, only=id
                )
                if not claimed:
                    await self._service.outbox.take_back(id)
            except DatabaseUnavailable:
                if asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(POLL_SECONDS)
            else:
                return claimed

    def _duties(self) -> Sequence[Coroutine[Any, Any, None]]:
        return (self._each(BEAT_SECONDS, self._beat), self._each(APPEAR_SECONDS, self._appear))

    async def _claim_until_stopped(self) -> None:
        """Claim nothing of its own accord."""
        await self._news.wait()
