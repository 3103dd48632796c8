"""List the notes of a space."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.library import Kit
from ports.repo import Repo


class ListNotes(ActionHandler, permission="note.list", readonly=True):
    """List the names of the kits of a space, as they were kept."""

    repo: Repo

    space_id: UUID = Arg()

    async def execute(self) -> list[str]:
        return [kit.name for kit in (await self.repo.find(Kit, space_id=self.space_id)).items]
