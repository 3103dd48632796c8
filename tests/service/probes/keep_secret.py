"""Take a secret."""

from ports.action import ActionHandler, Arg


class KeepSecret(ActionHandler, permission="secret.keep"):
    """Take a secret."""

    name: str = Arg()
    password: str = Arg(secret=True)

    async def execute(self) -> str:
        return self.name
