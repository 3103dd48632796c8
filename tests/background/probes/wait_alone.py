"""Be there once at a time."""

from ports.action import ActionHandler, Arg
from ports.background import Unique


class WaitAlone(ActionHandler, permission="number.give", unique=Unique(by=("name",))):
    """Be there once at a time by its name, waiting or running."""

    name: str = Arg()
    number: int = Arg(default=0)

    async def execute(self) -> int:
        return self.number
