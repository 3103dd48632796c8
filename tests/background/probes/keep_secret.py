"""Take a secret."""

from ports.action import ActionHandler, Arg


class KeepSecret(ActionHandler, permission="secret.keep"):
    """Take a secret."""

    password: str = Arg(secret=True)

    async def execute(self) -> None: ...
