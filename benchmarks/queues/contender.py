"""What a system of background work must be able to do to be measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.postgres.embedded import OWNER, EmbeddedPostgres

ORDERS = "create table orders (id bigint primary key, note text not null, placed_at timestamptz not null default now())"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one run takes place: a database of its own, empty, and a folder for what is left of it."""

    postgres: EmbeddedPostgres
    database: str
    folder: Path
    at_once: int

    def url(self, role: str = OWNER) -> str:
        """Return the address of the database, as every driver but SQLAlchemy spells it."""
        return self.postgres.url(role, self.database).replace("+asyncpg", "")


class Contender(Protocol):
    """One system. Its worker is a process of its own; what it needs to know is in its environment."""

    name: str

    async def open(self, place: Place) -> None:
        """Make the tables, and connect as many producers as the place has at once; anew for each lap."""

    def worker(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """Return the worker's command, without the path of its program, and its environment beside ours."""

    async def produce(self, numbers: range) -> None:
        """For each number write one row and enqueue one job, which commit together if the system can do that."""

    async def unfinished(self) -> int:
        """Return how many jobs the system itself still counts as waiting or running."""

    async def close(self) -> None:
        """Let go of every connection."""
