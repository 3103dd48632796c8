"""What a request prefers (RFC 7240): to be answered before it is done, and how long to wait for it."""

import re
from typing import NamedTuple

from fastapi import Request

from ports.background import Later
from service.http.headers import each_sent

MAX_CHARACTERS = 1000  # beyond it, none is looked at
NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
QUOTED = r'"(?:[^"\\]|\\.)*+"'
EACH = re.compile(rf'(?:{QUOTED}|[^,"]|")+')
PREFERENCE = re.compile(rf"[ \t]*+({NAME})[ \t]*+(?:=[ \t]*+({NAME}|{QUOTED})?[ \t]*+)?(?:;.*)?", re.DOTALL)


class Preferences(NamedTuple):
    """What is preferred of that which the service knows; `wait` is in seconds."""

    respond_async: bool = False
    wait: int | None = None

    @property
    def later(self) -> Later | None:
        """How an action is then to be queued, if it is."""
        return Later() if self.respond_async else None


NONE = Preferences()


def preferences_of(request: Request) -> Preferences:
    """Return what the request's `Prefer` headers say. Of one preference that is said twice, the first counts.

    What is unknown or malformed is passed over, as the RFC asks.
    """
    lines = each_sent(request, b"prefer")
    if not lines:
        return NONE
    said = _said(", ".join(lines))
    wait = said.get("wait", "")
    digits = wait.isascii() and wait.isdecimal()
    return Preferences(respond_async=said.get("respond-async") == "", wait=int(wait) if digits else None)


def applied(*, respond_async: bool = False, wait: int | None = None) -> str:
    """Return the value of `Preference-Applied`."""
    return ", ".join(["respond-async"] * respond_async + ([] if wait is None else [f"wait={wait}"]))


def _said(text: str) -> dict[str, str]:
    if len(text) > MAX_CHARACTERS:
        return {}
    said: dict[str, str] = {}
    for each in EACH.findall(text):
        if found := PREFERENCE.fullmatch(each):
            value = found[2] or ""
            said.setdefault(found[1].lower(), "" if value == '""' else value)
    return said
