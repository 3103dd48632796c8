"""Tell a secret."""

from ports.action import ActionHandler


class TellSecret(ActionHandler, permission="secret.tell", secret_output=True):
    """Tell a secret."""

    async def execute(self) -> str:
        return "hunter2"
