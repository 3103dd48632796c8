"""Be one of few at a time."""

import asyncio

from ports.action import ActionHandler, Arg


class Crowd(ActionHandler, permission="number.give", concurrency=2):
    """Take a moment, or stay until cancelled, and be one of two at a time over all workers."""

    stay: bool = Arg(default=False)

    async def execute(self) -> None:
        await (asyncio.Event().wait() if self.stay else asyncio.sleep(0.02))
