"""Which engine searches: Elasticsearch, or none but PostgreSQL, where the rows are the index."""

from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.postgres.search_engine import PostgresEngine
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.logger import Logger
from ports.search import SearchIndex
from ports.search_upkeep import SearchUpkeep
from service.settings import Misconfigured, Settings

EXAMPLE = "https://user:password@host:9200"


class Follows(Protocol):
    """Brings what was committed to the engine."""

    def step(self) -> Awaitable[bool]:
        """Do some of what is to be done, and return whether there is more. Raise `SearchUnavailable`."""
        ...


class SearchEngine(Protocol):
    """What finds."""

    def index(self, unit: PostgresUnitOfWork, actor: str) -> SearchIndex:
        """Return the search as an actor has it, in a transaction."""
        ...

    def upkeep(self, unit: PostgresUnitOfWork, beside: AsyncEngine) -> SearchUpkeep:
        """Return what keeps its index true."""
        ...

    def follower(self, log: Logger) -> Callable[[Any], Follows] | None:
        """Return what makes a follower of a connection, or None if nothing is to be followed."""
        ...

    async def close(self) -> None:
        """Let go of its connections."""
        ...


def search_engine_of(settings: Settings) -> SearchEngine:
    """Return the engine that the settings name. Raise `Misconfigured`."""
    if settings.search_url is None:
        return PostgresEngine()
    url = _whole(settings.search_url.get_secret_value())
    if find_spec("elasticsearch") is None:
        raise Misconfigured(
            "ACTIONBUS_SEARCH_URL asks for Elasticsearch, whose client is not installed: pip install"
            " 'actionbus[elasticsearch]'."
        )
    from adapters.elasticsearch.engine import ElasticsearchEngine  # noqa: PLC0415 - an extra, which may not be installed

    return ElasticsearchEngine(url, name=settings.search_index, history_days=settings.history_days)


def _whole(url: str) -> str:
    """Return the URL with its port, which the client asks for, or raise `Misconfigured`."""
    try:
        parts = urlsplit(url)
        usual, port = {"http": 9200, "https": 443}[parts.scheme], parts.port
    except (ValueError, KeyError):
        raise Misconfigured(f"ACTIONBUS_SEARCH_URL is no URL of a search engine; write {EXAMPLE}.") from None
    if not parts.hostname:
        raise Misconfigured(f"ACTIONBUS_SEARCH_URL names no host; write {EXAMPLE}.")
    return url if port else parts._replace(netloc=f"{parts.netloc}:{usual}").geturl()
