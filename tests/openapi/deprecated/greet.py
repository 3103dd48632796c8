"""Greet somebody."""

from ports.action import ActionHandler, Arg


class Greet(ActionHandler, permission="greeting.send", readonly=True):
    """Greet somebody."""

    name: str = Arg(max_length=80, examples=["Ada"])

    async def execute(self) -> str:
        return f"Good day, {self.name}."
