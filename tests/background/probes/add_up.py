"""Add numbers up."""

from ports.action import ActionHandler, Arg


class AddUp(ActionHandler, permission="number.add"):
    """Return the sum of numbers, which is one more."""

    numbers: int | list[int] = Arg()

    async def execute(self) -> int:
        return 1 + (self.numbers if isinstance(self.numbers, int) else sum(self.numbers))
