"""The directory in PostgreSQL."""

from collections.abc import Collection, Mapping

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.action import Caller
from ports.directory import Actor

KNOWN = "select subject, kind, display_name from actors where subject = any($1)"
SEEN = """
insert into actors as known (subject, kind, display_name, first_seen_at) values ($1, $2, $3, now())
on conflict (subject) do update set kind = excluded.kind, display_name = coalesce($3, known.display_name)
where (known.kind, known.display_name) is distinct from (excluded.kind, coalesce($3, known.display_name))
"""


class PostgresDirectory:
    """Actors as rows."""

    def __init__(self, unit: PostgresUnitOfWork) -> None:
        self._unit = unit

    async def known(self, subjects: Collection[str], /) -> Mapping[str, Actor]:
        """See `Directory`."""
        rows = await (await self._unit.driver()).fetch(KNOWN, list(subjects))
        return {row["subject"]: Actor(**row) for row in rows}

    async def see(self, caller: Caller) -> None:
        """Keep who the caller is; a name that they were seen with stands until they come with another."""
        await (await self._unit.driver()).execute(SEEN, caller.actor, caller.kind, caller.name)
