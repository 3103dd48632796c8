"""Run by itself, once in four years."""

from ports.action import ActionHandler


class Tick(ActionHandler, permission="number.give", schedule="30 4 29 2 *"):
    """Say by whom this is run."""

    async def execute(self) -> str:
        return self.execution.caller.actor
