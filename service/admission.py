"""Admission: how many executions are under way at once, and how long another one waits for its turn."""

import asyncio

from ports.unit_of_work import Overloaded


class Admission:
    """A gate that lets `most` be inside at once; who has waited for so many seconds is turned away."""

    def __init__(self, most: int, *, wait_seconds: float) -> None:
        self._places = asyncio.Semaphore(most)
        self._wait_seconds = wait_seconds
        self.leave = self._places.release  # no context manager: on the hot path it would cost as much as the rest of it

    async def enter(self, *, until: float | None = None) -> None:
        """Enter, or raise `Overloaded`; who has entered must `leave`.

        It waits no longer than `until` on the loop's clock, if that comes before its own patience ends.
        """
        if not self._places.locked():
            await self._places.acquire()  # at once
            return
        patience = asyncio.get_running_loop().time() + self._wait_seconds
        try:
            async with asyncio.timeout_at(patience if until is None else min(until, patience)):
                await self._places.acquire()
        except TimeoutError:
            raise Overloaded from None
