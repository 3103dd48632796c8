"""Answer what was sent."""

from ports.action import ActionHandler, Arg


class Echo(ActionHandler, permission="echo.run", readonly=True):
    """Answer what was sent."""

    text: str = Arg(max_length=1_000)

    async def execute(self) -> str:
        return self.text
