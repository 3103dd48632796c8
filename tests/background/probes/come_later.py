"""Be in the background only."""

from ports.action import ActionHandler


class ComeLater(ActionHandler, permission="number.give", background=True):
    """Never be in a request."""

    async def execute(self) -> str:
        return "later"
