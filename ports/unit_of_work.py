"""The unit of work: the one transaction of an execution and of those nested in it."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ports.problem import Unavailable


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached at the moment.

    Nothing was changed. Try again in a while.
    """


class Overloaded(DatabaseUnavailable):
    """More is under way than the service can do at once.

    Nothing was changed. Try again in a while.
    """


class Contended(Unavailable):
    """Others were changing the same things at the same time, and this one gave way.

    Nothing was changed. Try again.
    """


class QueryTimedOut(Unavailable):
    """The database needed longer for a step than it may.

    Nothing was changed. Try again in a while, or ask for less at once.
    """

    status = 504


class OutcomeUnknown(Unavailable):
    """The connection was lost while the outcome was being stored, and the database cannot be asked.

    Look at the execution later; with an Idempotency-Key, sending the same again is safe.
    """


class UnitOfWork(Protocol):
    """A transaction that takes its connection at the first statement, so that what needs none takes none."""

    def transaction(self, *, readonly: bool = False, keep: bool = True) -> AbstractAsyncContextManager[None]:
        """Commit on leaving, unless nothing is to be kept; roll back on an exception.

        A commit goes on when its task is cancelled, and one whose connection is lost is settled by asking again: what
        was committed ends well, what was not raises `DatabaseUnavailable`, what nobody can tell `OutcomeUnknown`.
        """
        ...

    @property
    def opened(self) -> bool:
        """Whether anything was asked in the transaction yet."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Keep what is done within, or undo it on an exception; the transaction goes on."""
        ...
