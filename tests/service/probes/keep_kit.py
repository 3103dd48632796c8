"""Keep a kit, and then end as told."""

import asyncio
from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.library import Kit, KitNameTaken
from ports.progress import Progress
from ports.repo import Repo
from ports.unit_of_work import Contended


class KeepKit(ActionHandler, permission="kit.create", problems=(KitNameTaken,), timeout=60):
    """Keep a kit, and then end as told."""

    repo: Repo
    progress: Progress

    space_id: UUID = Arg()
    name: str = Arg()
    then: Literal["end", "problem", "retryable", "bug", "park", "wrong_output"] = Arg(default="end")

    async def execute(self) -> Kit:
        kit = await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name=self.name))
        match self.then:
            case "problem":
                raise KitNameTaken(name=self.name)
            case "retryable":
                raise Contended
            case "bug":
                raise ZeroDivisionError("a canary in a traceback")
            case "park":
                self.progress.report(1, note="parked")
                await asyncio.Event().wait()
            case "wrong_output":
                wrong: Kit = self.name  # type: ignore[assignment]  # the mistake that is tried
                return wrong
            case "end":
                pass
        return kit
