"""A broker in memory, which can be taken away."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from ports.broker import BrokerUnavailable, Waiting


class MemoryBroker:
    """Keeps what it was sent in `sent`; while it is `down` nothing can be. `meanwhile` is awaited in each sending."""

    def __init__(self, *, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        self.sent: list[UUID] = []
        self.down = False
        self.asked = 0
        self._meanwhile = meanwhile

    async def send(self, waiting: Sequence[Waiting]) -> None:
        """See `Broker`."""
        self.asked += 1
        if self.down:
            raise BrokerUnavailable
        self.sent += [each.id for each in waiting]
        if self._meanwhile is not None:
            await self._meanwhile()

    async def close(self) -> None:
        """See `Broker`."""
