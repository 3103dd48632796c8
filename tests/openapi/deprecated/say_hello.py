"""Say hello to nobody in particular."""

from datetime import date

from ports.action import ActionHandler
from ports.deprecation import Deprecated
from ports.problem import Conflict


class NobodyThere(Conflict):
    """There is nobody to greet."""


class SayHello(
    ActionHandler,
    permission="greeting.send",
    problems=(NobodyThere,),
    deprecated=Deprecated(since=date(2026, 1, 1), sunset=date(2026, 7, 1), instead="greet"),
):
    """Say hello to nobody in particular."""

    async def execute(self) -> str:
        raise NobodyThere
