"""Keep a kit, and have another one kept later."""

from typing import Literal
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.library import Kit, KitNameTaken
from ports.repo import Repo


class FillSpace(ActionHandler, permission="kit.create", problems=(KitNameTaken,)):
    """Keep a kit, and have another one kept later: the one without the other is wrong."""

    repo: Repo
    actions: Actions

    space_id: UUID = Arg()
    name: str = Arg()
    then: Literal["end", "problem", "bug"] = Arg(default="end")

    async def execute(self) -> UUID:
        await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name=self.name))
        later = await self.actions.enqueue("keep_kit", {"space_id": self.space_id, "name": f"{self.name} later"})
        match self.then:
            case "problem":
                raise KitNameTaken(name=self.name)
            case "bug":
                raise ZeroDivisionError
            case "end":
                return later
