"""Ask another service."""

from ports.action import ActionHandler, Arg
from ports.gateway import Gateway, UrlRefused


class AskAnother(ActionHandler, permission="echo.run", readonly=True, problems=(UrlRefused,)):
    """Ask another service, and answer what it answers."""

    gateway: Gateway

    url: str = Arg()

    async def execute(self) -> dict[str, int]:
        answer = await self.gateway.request("GET", self.url, timeout=5)
        return answer.read(dict[str, int])
