"""Keep a kit, and stall the first time."""

import asyncio
from pathlib import Path
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.background import Retry
from ports.library import Kit
from ports.repo import Repo


class StallOnce(ActionHandler, permission="kit.create", timeout=60, retry=Retry(first=0.05)):
    """Keep a kit; the first time, leave a mark in a file and then wait until the file is gone."""

    repo: Repo

    space_id: UUID = Arg()
    name: str = Arg()
    mark: str = Arg()
    stubborn: bool = Arg(default=False)

    async def execute(self) -> str:
        kit_id = self.execution.new_id()
        name = f"{self.name} {kit_id}"  # of its own in each attempt: one who is stopped holds on to the name
        await self.repo.add(Kit(id=kit_id, space_id=self.space_id, name=name))
        mark = Path(self.mark)
        if not mark.exists():
            mark.touch()
            while mark.exists():
                try:
                    await asyncio.sleep(0.01)
                except asyncio.CancelledError:
                    if not self.stubborn:
                        raise
        return name
