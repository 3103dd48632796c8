"""Queue a note from within another action."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.library import Kit, KitNameTaken
from ports.repo import Repo


class QueueNote(ActionHandler, permission="kit.create", problems=(KitNameTaken,)):
    """Keep one note, queue another, and then end as told."""

    repo: Repo
    actions: Actions

    space_id: UUID = Arg()
    name: str = Arg()
    fails: bool = Arg(default=False)

    async def execute(self) -> UUID:
        await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name=f"first {self.name}"))
        queued = await self.actions.enqueue("keep_note", {"space_id": self.space_id, "name": self.name})
        if self.fails:
            raise KitNameTaken(name=self.name)
        return queued
