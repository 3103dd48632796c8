"""Who a caller is."""

from typing import Protocol

from ports.action import Caller, EntryPoint


class Identity(Protocol):
    """Callers by their credentials. Nobody is anonymous."""

    async def caller(self, token: str | None, *, entry_point: EntryPoint) -> Caller:
        """Return who holds `token`, or raise `Unauthenticated`."""
        ...
