"""Be of another queue."""

from ports.action import ActionHandler


class ReportSlowly(ActionHandler, permission="number.give", queue="reports", priority=5):
    """Be of the queue `reports`, before others."""

    async def execute(self) -> str:
        return "reported"
