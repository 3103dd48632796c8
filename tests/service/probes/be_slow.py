"""Take longer than allowed."""

import asyncio
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.library import Kit
from ports.repo import Repo


class BeSlow(ActionHandler, permission="kit.create", timeout=0.05):
    """Take longer than allowed."""

    repo: Repo

    space_id: UUID = Arg()

    async def execute(self) -> None:
        await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name="slow"))
        await asyncio.sleep(30)
