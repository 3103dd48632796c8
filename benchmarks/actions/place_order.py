"""Place an order, and enqueue what comes of it."""

from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.actions import Actions
from ports.library import Space, SpaceNameTaken
from ports.repo import Repo


class PlaceOrder(ActionHandler, permission="order.place", problems=(SpaceNameTaken,)):
    """Write one row, and enqueue one action that does nothing, in one transaction."""

    repo: Repo
    actions: Actions

    number: int = Arg(ge=0)

    async def execute(self) -> UUID:
        actor = self.execution.caller.actor
        await self.repo.add(Space(id=self.execution.new_id(), name=f"Order {self.number}", created_by=actor))
        return await self.actions.enqueue("do_nothing", {"number": self.number})
