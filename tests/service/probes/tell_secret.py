"""Tell a secret, once."""

from ports.action import ActionHandler


class TellSecret(ActionHandler, permission="secret.tell", secret_output=True):
    """Tell a secret, once."""

    async def execute(self) -> str:
        return "hunter2"
