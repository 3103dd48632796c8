"""Do nothing, and say so."""

from benchmarks.queues.finish import cross
from ports.action import ActionHandler, Arg


class DoNothing(ActionHandler, permission="order.place"):
    """Do nothing but write down when it ran."""

    number: int = Arg(ge=0)

    async def execute(self) -> None:
        cross(self.number)
