"""The gateway by HTTP."""

import asyncio
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

from pydantic_core import to_json

from adapters.http.client import HttpClient, host_of
from ports.gateway import NO_HEADERS, Answer, UrlRefused

MAX_BYTES = 16 * 1024 * 1024


def check_host(url: str, hosts: Collection[str]) -> None:
    """Raise `UrlRefused` unless one of `hosts` is the host of `url`: a name, an address, or a pattern as `*.org`."""
    host = host_of(url)
    if not any(fnmatchcase(host, pattern.strip().lower()) for pattern in hosts):
        raise UrlRefused(reason="Its host is none that actions may ask; ACTIONBUS_GATEWAY_HOSTS names those.")


def content_of(json: object, body: bytes) -> tuple[bytes, Mapping[str, str]]:
    """Return the bytes to send, and the header that says what they are."""
    return (body, NO_HEADERS) if json is None else (to_json(json), {"content-type": "application/json"})


class HttpGateway:
    """Requests of one execution, over the connections of the process."""

    def __init__(
        self,
        client: HttpClient,
        *,
        hosts: Collection[str],
        trace_id: str,
        deadline: float | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """`deadline` is when the execution ends, by the event loop's clock: no request outlasts it."""
        self._client, self._hosts, self._trace_id = client, hosts, trace_id
        self._deadline, self._max_bytes = deadline, max_bytes

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        json: object = None,
        body: bytes = b"",
        timeout: float = 10.0,  # noqa: ASYNC109 - as the port has it
    ) -> Answer:
        """See `Gateway`."""
        check_host(url, self._hosts)
        content, kind = content_of(json, body)
        ends = asyncio.get_running_loop().time() + timeout
        return await self._client.send(
            method,
            url,
            headers={**kind, **headers},
            body=content,
            deadline=ends if self._deadline is None else min(ends, self._deadline),
            trace_id=self._trace_id,
            max_bytes=self._max_bytes,
        )
