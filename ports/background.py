"""Work in the background: what a handler says of how it is run there, and what a caller wishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal, TypedDict
from uuid import UUID

from ports.problem import Conflict, Invalid, Problem, Unavailable

MAX_PRIORITY = 2**15 - 1
PRIORITIES = range(-MAX_PRIORITY, MAX_PRIORITY + 1)
MAX_DELAY = 10 * 366 * 86_400.0
YEARS = range(1970, 9_900)  # with a delay added, it is still a time
JITTER = Random()  # noqa: S311 - spreads retries, guards nothing


class BackgroundRefused(Invalid):
    """This action cannot be run in the background.

    It only reads, or its arguments or output are secret and may be on no record: run it, and wait for it.
    """


class BackgroundOnly(Invalid):
    """This action is run in the background only, and not within another one.

    Enqueue it.
    """


class UnknownPredecessor(Invalid):
    """One of the executions that this one is to follow is not on record."""


class OutputNotTaken(Invalid):
    """The action has no argument of this name, so it cannot take the output of what it follows by it.

    Name one of its arguments.
    """

    argument: str


class PredecessorFailed(Conflict):
    """An execution that this one was to follow did not succeed.

    Nothing was changed. `predecessor` is the first of those.
    """

    predecessor: UUID


class WorkerLost(Unavailable):
    """The worker that ran this was lost: killed, stopped, or cut off from the database.

    What it had done was undone.
    """


class ClaimLost(Unavailable):
    """Another worker has taken over, or the execution was cancelled, so that this outcome does not count.

    Nothing was changed by this attempt.
    """


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How often an action is attempted in the background, and after how many seconds each time.

    A problem that is `retryable`, or of the kinds `on`, is met again; every other one ends it. A worker that is lost
    counts as an attempt. The waits grow by `factor` from `first` up to `most`, each give or take a quarter.
    """

    attempts: int = 5
    on: tuple[type[Problem], ...] = ()
    first: float = 1.0
    factor: float = 2.0
    most: float = 300.0

    def heals(self, problem: Problem) -> bool:
        """Whether another attempt may end better."""
        return problem.retryable or isinstance(problem, self.on)

    def wait(self, attempt: int) -> float:
        """Return the seconds to wait after so many attempts."""
        return min(self.first * self.factor ** min(attempt - 1, 64), self.most) * JITTER.uniform(0.75, 1.25)


@dataclass(frozen=True, kw_only=True)
class Unique:
    """That there is at most one such execution at once: who asks for another gets the one that there is.

    Executions are the same if their arguments are, or those named in `by`. With `running` one that runs counts as
    well; without, one may wait while another runs.
    """

    by: tuple[str, ...] | None = None
    running: bool = True


@dataclass(frozen=True, kw_only=True)
class Later:
    """How a caller wishes an action to be run in the background.

    Not before `at`, or so many seconds from now (`delay`); before those of a lower `priority`, by default the
    handler's; after all that it `follows` have succeeded, whose outputs, in order, become its argument `output_as`: the
    output itself if it is one, else a list. `retry_of` is the execution that it repeats.
    """

    at: datetime | None = None
    delay: float = 0.0
    priority: int | None = None
    follows: Sequence[UUID] = ()
    output_as: str | None = None
    retry_of: UUID | None = None

    def __post_init__(self) -> None:
        """Raise a ValueError for what cannot be."""
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("`at` is a time without its zone.")
        if self.at is not None and self.at.year not in YEARS:
            raise ValueError(f"`at` is in the year {self.at.year}; it is from {YEARS[0]} to {YEARS[-1]}.")
        if not 0 <= self.delay <= MAX_DELAY:
            raise ValueError(f"`delay` is {self.delay}; it is from 0 to {MAX_DELAY:.0f} seconds.")
        if self.priority is not None and self.priority not in PRIORITIES:
            raise ValueError(f"`priority` is {self.priority}; it is from {PRIORITIES[0]} to {PRIORITIES[-1]}.")
        if self.output_as is not None and not self.follows:
            raise ValueError("`output_as` is for one that follows others.")


class Wishes(TypedDict, total=False):
    """The fields of `Later`, as keywords."""

    at: datetime | None
    delay: float
    priority: int | None
    follows: Sequence[UUID]
    output_as: str | None
    retry_of: UUID | None


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """An execution that waits for a worker: `GET /executions/<id>` tells how far it has come."""

    id: UUID
    action: str
    state: Literal["queued"] = "queued"
