"""HTTP to other services. No other module knows which library speaks it: see docs/decisions/0010."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from secrets import token_hex
from ssl import SSLContext

import httpx2

from ports.gateway import (
    NO_HEADERS,
    Answer,
    AnswerLost,
    AnswerTooLarge,
    DeadlineExceeded,
    ServiceUnreachable,
    UrlRefused,
)

KEEP_ALIVE_SECONDS = 4.0  # shorter than a server's (uvicorn's is 5, ours 65), so that none is closed under a request
CONNECT_SECONDS = 5.0
HEADERS = {"user-agent": "actionbus", "accept-encoding": "identity"}  # what is unpacked could be of any size


def host_of(url: str) -> str:
    """Return the host that a request for `url` goes to, in lower case. Raise `UrlRefused` if it is no such URL."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise UrlRefused(reason="It is no URL.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UrlRefused(reason="It is no http or https URL.")
    return parsed.host.lower()


class HttpClient:
    """Requests over one bounded pool of connections, made when the first is sent, for as long as it is not closed."""

    def __init__(self, *, connections: int = 20, tls: SSLContext | None = None) -> None:
        self._connections, self._tls = connections, tls

    @cached_property
    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            headers=HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # one caller's are not another's
            limits=httpx2.Limits(
                max_connections=self._connections,
                max_keepalive_connections=self._connections,
                keepalive_expiry=KEEP_ALIVE_SECONDS,
            ),
            verify=self._tls or True,
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close every connection."""
        if "_client" in vars(self):
            await self._client.aclose()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        body: bytes = b"",
        deadline: float,
        trace_id: str,
        max_bytes: int,
    ) -> Answer:
        """Return the answer, with a body of `max_bytes` at most; `deadline` is a time of the event loop's clock.

        The trace (W3C Trace Context) and the time that is left go with it. Raise what `Gateway.request` raises.
        """
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise DeadlineExceeded
        passed_on = {
            "traceparent": f"00-{trace_id or token_hex(16)}-{token_hex(8)}-01",
            "request-timeout-ms": str(max(1, int(left * 1000))),
        }
        times = httpx2.Timeout(None, connect=min(CONNECT_SECONDS, left))
        async with (
            _problems(deadline),
            self._client.stream(
                method, url, headers={**headers, **passed_on}, content=body or None, timeout=times
            ) as answer,
        ):
            return Answer(status=answer.status_code, headers=dict(answer.headers), body=await _body(answer, max_bytes))


@asynccontextmanager
async def _problems(deadline: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout_at(deadline):
            yield
    except TimeoutError as error:
        raise DeadlineExceeded from error
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
        raise ServiceUnreachable from error
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise UrlRefused(reason="It is no http or https URL.") from error
    except httpx2.LocalProtocolError as error:
        raise ValueError("The method or a header cannot be sent by HTTP.") from error
    except httpx2.TransportError as error:
        raise AnswerLost from error


async def _body(answer: httpx2.Response, limit: int) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > limit:
            raise AnswerTooLarge(limit=limit)
    return bytes(body)
