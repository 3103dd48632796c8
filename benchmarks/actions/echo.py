"""Answer what was sent."""

from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg


@dataclass(frozen=True, kw_only=True)
class Echoed:
    """What was sent."""

    space_id: UUID
    name: str
    visibility: str
    labels: dict[str, str]


class Echo(ActionHandler, permission="echo.run", readonly=True):
    """Answer what was sent, without a database."""

    space_id: UUID = Arg()
    name: str = Arg(min_length=1, max_length=80)
    visibility: str = Arg(default="private")
    labels: dict[str, str] = Arg(default={})

    async def execute(self) -> Echoed:
        return Echoed(space_id=self.space_id, name=self.name, visibility=self.visibility, labels=self.labels)
