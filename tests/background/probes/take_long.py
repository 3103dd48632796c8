"""Take longer than allowed."""

import asyncio

from ports.action import ActionHandler
from ports.background import Retry


class TakeLong(ActionHandler, permission="kit.create", timeout=0.05, retry=Retry(attempts=2, first=10.0)):
    """Take longer than allowed."""

    async def execute(self) -> None:
        await asyncio.Event().wait()
