"""Keep a note, and then end as told."""

import asyncio
from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.background import Retry
from ports.checkpoint import Checkpoint, PermissionMissing
from ports.library import Kit, KitNameTaken
from ports.progress import Progress
from ports.repo import EntityNotFound, Repo
from ports.unit_of_work import Contended

Then = Literal["end", "taken", "contended", "bug", "park"]


class KeepNote(
    ActionHandler,
    permission="kit.create",
    problems=(KitNameTaken, PermissionMissing, EntityNotFound),
    retry=Retry(attempts=3, first=100.0, factor=3.0),
    timeout=60,
):
    """Keep a kit of that name, and then end as told."""

    repo: Repo
    checkpoint: Checkpoint
    progress: Progress

    space_id: UUID = Arg()
    name: str = Arg(min_length=1)
    then: Then = Arg(default="end")

    async def validate(self) -> None:
        await self.checkpoint.require(self.permission, within=self.space_id)

    async def execute(self) -> str:
        await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name=self.name))
        match self.then:
            case "taken":
                raise KitNameTaken(name=self.name)
            case "contended":
                raise Contended
            case "bug":
                raise ZeroDivisionError("a canary in a traceback")
            case "park":
                self.progress.report(1, total=2, note="parked")
                await asyncio.Event().wait()
            case "end":
                pass
        return self.name
