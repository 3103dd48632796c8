"""The outbox: the executions in the ledger that the broker is to be told of."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from ports.broker import Broker


class Outbox(Protocol):
    """What is due and was not yet sent, each call in a transaction of its own."""

    async def send(self, broker: Broker, *, limits: Mapping[str, int], most: int) -> int | None:
        """Send up to `most` executions, and return how many; None if another relay is at it.

        Those of a higher priority go first. Of the actions in `limits`, no more are sent and running at once than
        their limit; of a queue, only so many are with the broker at once. Who is killed meanwhile, or has no
        connection to the database any more, has sent some that will be sent again. Raise `BrokerUnavailable`.
        """
        ...

    async def forget(self, *, older_than: float) -> int:
        """Have sent again what was sent so many seconds ago and has not begun, and return how many that are."""
        ...

    async def take_back(self, id: UUID, /) -> None:
        """Have an execution sent again that was received and could not be begun, if it still waits."""
        ...

    async def count(self) -> int:
        """Return how many are due and were not sent, up to 10,000."""
        ...
