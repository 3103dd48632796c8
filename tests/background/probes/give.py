"""Give back what was given."""

from ports.action import ActionHandler, Arg


class Give(ActionHandler, permission="number.give"):
    """Give back a number; a negative one is a bug."""

    number: int = Arg(default=0)

    async def execute(self) -> int:
        if self.number < 0:
            raise ZeroDivisionError
        return self.number
