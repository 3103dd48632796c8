"""Callers by JSON Web Tokens (RFC 7519) that carry their subject and scopes, signed with the service's own key."""

from collections.abc import Collection
from datetime import datetime, timedelta
from time import time

import jwt
from pydantic import TypeAdapter

from ports.action import Caller, EntryPoint
from ports.library import ActorName
from ports.problem import Unauthenticated

ALGORITHM, ISSUER, AUDIENCE = "HS256", "actionbus", "actionbus"
_ACTOR = TypeAdapter[str](ActorName)
REMEMBERED = 1_000


class SignedIdentity:
    """Tokens of this service's own making; `scope` is a list separated by spaces (RFC 8693, section 4.2)."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._known: dict[tuple[str, EntryPoint], tuple[Caller, float]] = {}  # checking a signature takes 30 us

    def token(self, *, actor: str, scopes: Collection[str], at: datetime, lifetime: timedelta) -> str:
        """Return a token by which `actor` is known from `at` on, for `lifetime`."""
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": actor, "scope": " ".join(sorted(scopes))}
        return jwt.encode({**claims, "iat": at, "exp": at + lifetime}, self._key, algorithm=ALGORITHM)

    async def caller(self, token: str | None, *, entry_point: EntryPoint) -> Caller:
        """See `Identity`."""
        if not token:
            raise Unauthenticated
        known = self._known.get((token, entry_point))
        if known is None or known[1] <= time():
            known = self._known[token, entry_point] = self._checked(token, entry_point)
            if len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
        return known[0]

    def _checked(self, token: str, entry_point: EntryPoint) -> tuple[Caller, float]:
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["exp", "iat", "sub"]},
            )
            actor, expires = _ACTOR.validate_python(claims["sub"]), float(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError):
            raise Unauthenticated from None
        scopes = frozenset(str(claims.get("scope", "")).split())
        return Caller(actor=actor, entry_point=entry_point, scopes=scopes), expires
