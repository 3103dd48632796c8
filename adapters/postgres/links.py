"""Callers by the tokens of links to kits."""

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.action import Caller, EntryPoint
from ports.identity import Identity
from ports.problem import Unauthenticated
from ports.sharing import SHARE_TOKEN, hash_of, link_caller

FOUND = "select id from shares where token_hash = $1"


class LinkIdentity:
    """Whoever holds the token of a link is that link; who holds another token, `otherwise` knows."""

    def __init__(self, engine: AsyncEngine, otherwise: Identity) -> None:
        self._engine, self._otherwise = engine, otherwise

    async def caller(self, token: str | None, *, entry_point: EntryPoint) -> Caller:
        """See `Identity`; whether the link is still valid is asked by what it opens."""
        if token is None or not token.startswith(SHARE_TOKEN):
            return await self._otherwise.caller(token, entry_point=entry_point)
        unit = PostgresUnitOfWork(self._engine)
        async with unit.transaction(readonly=True):
            share_id = await (await unit.driver()).fetchval(FOUND, hash_of(token))
        if share_id is None:
            raise Unauthenticated
        return link_caller(share_id, entry_point=entry_point)
