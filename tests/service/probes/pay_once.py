"""Do something that is to be done once for each key."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.library import Kit
from ports.repo import Repo


class PayOnce(ActionHandler, permission="kit.create", key_required=True):
    """Do something that is to be done once for each key."""

    repo: Repo

    space_id: UUID = Arg()
    to: frozenset[str] = Arg(default=frozenset())
    labels: dict[str, str] = Arg(default={})

    async def execute(self) -> int:
        await self.repo.add(Kit(id=self.execution.new_id(), space_id=self.space_id, name="Paid"))
        return await self.repo.count(Kit, space_id=self.space_id)
