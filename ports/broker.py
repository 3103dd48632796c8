"""The broker: carries ids of executions to workers that are called, and may lose them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class BrokerUnavailable(Exception):
    """The broker cannot be reached at the moment; no caller notices, since what is queued stays so until it can."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An execution that is due and not yet sent; `version` is that of its row, which any change of it changes."""

    id: UUID
    version: str
    queue: str
    priority: int


class Broker(Protocol):
    """Where ids are sent."""

    async def send(self, waiting: Sequence[Waiting]) -> None:
        """Hand these over, and return when the broker has confirmed each. Raise `BrokerUnavailable`.

        After a failure some may have been sent: they are to be sent again.
        """
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...
