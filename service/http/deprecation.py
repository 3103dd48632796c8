"""How an answer tells that its action is deprecated."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import cache

from ports.deprecation import Deprecated


@cache
def told(deprecated: Deprecated) -> Mapping[str, str]:
    """Return the headers `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` (RFC 8288)."""
    links = ['</docs>; rel="deprecation"; type="text/html"']
    if deprecated.instead:
        links.append(f'</actions/{deprecated.instead}>; rel="successor-version"')
    return {
        "deprecation": f"@{int(_midnight(deprecated.since).timestamp())}",
        "sunset": format_datetime(_midnight(deprecated.sunset), usegmt=True),
        "link": ", ".join(links),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
