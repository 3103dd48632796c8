"""Meet a problem that this action says will heal."""

from ports.action import ActionHandler
from ports.background import Retry
from ports.library import KitNameTaken


class HealSlowly(
    ActionHandler,
    permission="kit.create",
    problems=(KitNameTaken,),
    retry=Retry(attempts=2, on=(KitNameTaken,), first=10.0),
):
    """Meet a problem that cannot heal by itself, and of which this action says that it does."""

    async def execute(self) -> None:
        raise KitNameTaken(name="taken")
