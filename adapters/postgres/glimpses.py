"""Glimpses of executions: what tells that there is news of one, each look a statement by itself."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.connections import fetched
from ports.ledger import OPEN, Stored

LOOK = """
select id, state, md5(concat_ws('|', state, attempt, claim, progress::text, cancel_requested_at)) as stamp
from executions where id = any($1)
"""
ENDED = """
select id, output, problem from executions where id = $1 and actor = $2 and state not in ('queued', 'running')
"""


class Glimpse(NamedTuple):
    """An execution as it is at one time: `stamp` differs whenever there is something new to tell."""

    state: str
    stamp: str

    @property
    def final(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in OPEN


async def glimpses(engine: AsyncEngine, ids: Sequence[UUID]) -> Mapping[UUID, Glimpse]:
    """Return those of the executions that are on record. Raise `DatabaseUnavailable`."""
    return {row["id"]: Glimpse(row["state"], row["stamp"]) for row in await fetched(engine, LOOK, [*ids])}


async def ended(engine: AsyncEngine, id: UUID, *, actor: str) -> Stored | None:
    """Return what came of this actor's execution, if it has ended. Raise `DatabaseUnavailable`."""
    rows = await fetched(engine, ENDED, id, actor)
    return Stored(fingerprint=b"", background=False, **rows[0]) if rows else None
