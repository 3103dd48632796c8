"""Be one of few at a time."""

import asyncio

from ports.action import ActionHandler


class Crowd(ActionHandler, permission="number.give", concurrency=2):
    """Take a moment, and be one of two at a time over all workers."""

    async def execute(self) -> None:
        await asyncio.sleep(0.02)
