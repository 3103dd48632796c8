"""Callers by JSON Web Tokens (RFC 7519) that carry their subject and scopes, signed with the service's own key."""

from collections.abc import Collection
from datetime import datetime, timedelta
from time import time

import jwt
from pydantic import TypeAdapter

from ports.action import ActorKind, Caller, EntryPoint
from ports.library import ActorName, fitting_name
from ports.problem import Unauthenticated

ALGORITHM, ISSUER, AUDIENCE = "HS256", "actionbus", "actionbus"
_ACTOR = TypeAdapter[str](ActorName)
REMEMBERED = 1_000


class SignedIdentity:
    """Tokens of this service's own making; `scope` is a list separated by spaces (RFC 8693, section 4.2).

    `name` is the actor's to show (OpenID Connect Core, section 5.1), and `kind` whether they are a person or a service.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._known: dict[tuple[str, EntryPoint], tuple[Caller, float]] = {}  # checking a signature takes 30 us

    def token(
        self,
        *,
        actor: str,
        scopes: Collection[str],
        at: datetime,
        lifetime: timedelta,
        name: str | None = None,
        kind: ActorKind = "person",
    ) -> str:
        """Return a token by which `actor` is known from `at` on, for `lifetime`."""
        claims: dict[str, object] = {"iss": ISSUER, "aud": AUDIENCE, "sub": actor, "scope": " ".join(sorted(scopes))}
        claims |= {"kind": kind, "iat": at, "exp": at + lifetime} | ({"name": name} if name else {})
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

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
            name = fitting_name(str(claims.get("name", "")))
        except (jwt.InvalidTokenError, ValueError, TypeError):
            raise Unauthenticated from None
        scopes = frozenset(str(claims.get("scope", "")).split())
        kind: ActorKind = "service" if claims.get("kind") == "service" else "person"
        return Caller(actor=actor, entry_point=entry_point, scopes=scopes, kind=kind, name=name), expires
