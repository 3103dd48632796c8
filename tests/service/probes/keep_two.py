"""Keep kits by another action, and go on after its problems."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.library import Kit, KitNameTaken
from ports.repo import Repo


class KeepTwo(ActionHandler, permission="kit.create"):
    """Keep two kits; what the first child kept before its problem is undone, what the others kept stays."""

    actions: Actions
    repo: Repo

    space_id: UUID = Arg()
    first: str = Arg(default="problem")

    async def execute(self) -> int:
        await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name="own"))
        child = {"space_id": self.space_id, "name": "first", "then": self.first}
        try:
            await self.actions.execute("keep_kit", child, returns=Kit)
        except KitNameTaken:
            await self.actions.execute("keep_kit", child | {"name": "second", "then": "end"}, returns=Kit)
        return await self.repo.count(Kit, space_id=self.space_id)
