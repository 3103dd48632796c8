"""Wait once at a time."""

import asyncio

from ports.action import ActionHandler, Arg
from ports.background import Unique


class FollowUp(ActionHandler, permission="number.give", unique=Unique(running=False)):
    """Wait once at a time, whether or not another one runs."""

    name: str = Arg(default="")

    async def execute(self) -> None:
        if self.name == "stay":
            await asyncio.Event().wait()
