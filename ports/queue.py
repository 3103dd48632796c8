"""The queue: executions that wait for a worker, in the ledger itself."""

from typing import Protocol
from uuid import UUID

from ports.ledger import Entry, State
from ports.work import Ending, Lost


class Queue(Protocol):
    """What is to be run in the background, within the transaction of the unit of work.

    What is rolled back was never queued; what is committed is run, and wakes a worker.
    """

    async def put(self, entry: Entry) -> UUID:
        """Queue an execution, and return its id: that of the one there is already, if it is to be unique.

        Raise `UnknownPredecessor`.
        """
        ...

    async def cancel(self, id: UUID, /) -> State:
        """Cancel an execution: at once if it waits (`cancelled`), within a second or so if it runs (`running`).

        From then on it cannot succeed. Another state is the final one that it had before. Raise `EntityNotFound`.
        """
        ...

    async def end(self, id: UUID, /, *, claim: int, ending: Ending) -> None:
        """End the attempt that was made under `claim`, and free what follows the execution.

        Raise `ClaimLost` if the execution is no longer that attempt's, or is to succeed though it was cancelled.
        """
        ...

    async def lost(self, *, most: int) -> list[Lost]:
        """Return, and lock, executions whose workers have let their leases end."""
        ...
