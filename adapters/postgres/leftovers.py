"""Leftovers in PostgreSQL."""

from collections.abc import Collection
from datetime import datetime

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.library import Upload

UPLOADS = """
select id, version, actor, sha256, media_type, size, uploaded_at from uploads
where uploaded_at < $1 and not exists (select from assets where assets.sha256 = uploads.sha256)
order by uploaded_at limit $2
"""
UNNAMED = """
select sha256 from unnest($1::text[]) as stored (sha256)
where not exists (select from uploads where uploads.sha256 = stored.sha256)
and not exists (select from assets where assets.sha256 = stored.sha256)
"""


class PostgresLeftovers:
    """Rows that no other row holds."""

    def __init__(self, unit: PostgresUnitOfWork) -> None:
        self._unit = unit

    async def uploads(self, *, before: datetime, limit: int) -> list[Upload]:
        """See `Leftovers`."""
        return [Upload(**row) for row in await (await self._unit.driver()).fetch(UPLOADS, before, limit)]

    async def unnamed(self, sha256s: Collection[str], /) -> set[str]:
        """See `Leftovers`."""
        return {row["sha256"] for row in await (await self._unit.driver()).fetch(UNNAMED, list(sha256s))}
