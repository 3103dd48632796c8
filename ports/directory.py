"""The directory: who the actors are, as their credentials said when they were seen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from ports.action import ActorKind


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person or a service: the subject of their credentials, and the name to show if these told one."""

    subject: str
    kind: ActorKind
    display_name: str | None


class Directory(Protocol):
    """Actors by their subjects. It tells names, and says nothing of what anybody may do."""

    async def known(self, subjects: Collection[str], /) -> Mapping[str, Actor]:
        """Return those of these who were seen."""
        ...
