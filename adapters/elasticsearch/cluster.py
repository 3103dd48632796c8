"""The cluster: what is asked of it, and what befalls that."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, NotFoundError

from adapters.elasticsearch.mappings import MAPPINGS, SETTINGS
from adapters.elasticsearch.plain_node import PlainNode
from ports.search import SearchUnavailable

ANSWER_SECONDS = 2.0
WRITE_SECONDS = 30.0
TIMES_OUT, TOO_MANY, BROKEN, CONFLICT, NOT_THERE, REFUSED = 408, 429, 500, 409, 404, (401, 403)


class IndexGone(SearchUnavailable):
    """The search engine has no such index.

    It was removed, or the engine has lost it. A worker builds another.
    """


@dataclass(frozen=True, kw_only=True)
class Write:
    """A document as it is from that version on; without a `body`, it is to be found no more."""

    id: str
    version: int
    body: Mapping[str, Any] | None


class Cluster:
    """The engine at a URL, with one index live behind the alias `name`."""

    def __init__(self, url: str, *, name: str) -> None:
        self.name = name
        self._client = AsyncElasticsearch(url, node_class=PlainNode, request_timeout=ANSWER_SECONDS, max_retries=0)
        self._patient = self._client.options(request_timeout=WRITE_SECONDS)

    async def answers(self) -> bool:
        """Return whether it answers in time."""
        try:
            with reaching_the_engine():
                await self._client.info()
        except SearchUnavailable:
            return False
        return True

    async def search(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the live index answers in time."""
        with reaching_the_engine():
            found: Mapping[str, Any] = (await self._client.search(index=self.name, **body)).body
        return found

    async def page(self, index: str, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return a page of what an index holds, for which nobody waits."""
        with reaching_the_engine():
            found: Mapping[str, Any] = (await self._patient.search(index=index, **body)).body
        hits: Sequence[Mapping[str, Any]] = found["hits"]["hits"]
        return hits

    async def documents(self, index: str, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return those of these that the index holds at this very moment, by id."""
        if not ids:
            return {}
        with reaching_the_engine():
            answer = await self._patient.mget(index=index, ids=[*ids])
        if any("error" in each for each in answer["docs"]):
            raise SearchUnavailable
        return {each["_id"]: each for each in answer["docs"] if each["found"]}

    async def write(self, index: str, writes: Sequence[Write]) -> int:
        """Write these unless something newer is there, and return of how many that is so.

        Raise `IndexGone` rather than have the engine make an index of that name by itself.
        """
        operations: list[Mapping[str, Any]] = []
        for each in writes:
            meta = {"_id": each.id, "version": each.version, "version_type": "external"}
            operations += [{"delete": meta}] if each.body is None else [{"index": meta}, each.body]
        if not operations:
            return 0
        with reaching_the_engine():
            answer = await self._patient.bulk(index=_written_as(index), operations=operations, require_alias=True)
        return sum(_superseded(one) for item in answer["items"] for one in item.values()) if answer["errors"] else 0

    async def create(self, index: str) -> None:
        """Make an empty index, unless it is there."""
        with reaching_the_engine():
            if not await self._patient.indices.exists(index=index):
                await self._patient.indices.create(
                    index=index, mappings=MAPPINGS, settings=SETTINGS, aliases={_written_as(index): {}}
                )

    async def require(self, index: str) -> None:
        """Raise `IndexGone` if the index is not there, or is not the live one."""
        if index not in await self._live():
            raise IndexGone

    async def make_live(self, index: str) -> None:
        """Have searches answered by this index from now on, by none of the others."""
        before = await self._live()
        with reaching_the_engine():
            await self._patient.indices.refresh(index=index)
            away = [{"remove": {"index": each, "alias": self.name}} for each in before if each != index]
            await self._patient.indices.update_aliases(actions=[*away, {"add": {"index": index, "alias": self.name}}])

    async def refresh(self, index: str) -> None:
        """Have all that was written to the index found."""
        with reaching_the_engine():
            await self._patient.indices.refresh(index=index)

    async def remove(self, index: str) -> None:
        """Remove an index, if it is there."""
        with reaching_the_engine():
            await self._patient.indices.delete(index=index, ignore_unavailable=True)

    async def close(self) -> None:
        """Let go of its connections."""
        await self._client.close()

    async def _live(self) -> Sequence[str]:
        try:
            with reaching_the_engine():
                return [*(await self._patient.indices.get_alias(name=self.name)).body]
        except IndexGone:
            return []


@contextmanager
def reaching_the_engine() -> Iterator[None]:
    """Raise `SearchUnavailable` for what befalls a request within, `IndexGone` if the index is not there."""
    try:
        yield
    except NotFoundError as error:
        # A proxy before an engine that starts says 404, too, and no index has gone by that.
        raise (IndexGone if isinstance(error.body, dict) and "error" in error.body else SearchUnavailable) from error
    except ApiError as error:
        if error.status_code in (TIMES_OUT, TOO_MANY, *REFUSED) or error.status_code >= BROKEN:
            raise SearchUnavailable from error
        raise
    except TransportError as error:
        raise SearchUnavailable from error


def _written_as(index: str) -> str:
    """Return the alias by which an index is written to: it goes with the index, so late writes make no other one."""
    return f"{index}-writes"


def _superseded(item: Mapping[str, Any]) -> bool:
    """Return whether something newer is there, or raise for what else went wrong with one document."""
    status = item["status"]
    if status == CONFLICT:
        return True
    if "error" not in item:
        return False
    if status == NOT_THERE:
        raise IndexGone
    if status == TOO_MANY or status >= BROKEN:
        raise SearchUnavailable
    raise ValueError(f"The index takes no such document: {item['error']['type']}.")
