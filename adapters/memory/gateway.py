"""Other services in memory: what a test says that they answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from adapters.http.gateway import MAX_BYTES, check_host, content_of
from ports.gateway import NO_HEADERS, Answer, AnswerTooLarge, ServiceUnreachable
from ports.problem import Problem


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that was made."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class MemoryGateway:
    """Services by method and URL, each with what it always answers: an answer, or the problem that comes of asking.

    Whoever is not among them is unreachable; `calls` are the requests made, in order.
    """

    def __init__(
        self,
        answers: Mapping[tuple[str, str], Answer | Problem] | None = None,
        *,
        hosts: Collection[str] = ("*",),
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.answers = dict(answers or {})
        self.calls: list[Asked] = []
        self._hosts, self._max_bytes = hosts, max_bytes

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        json: object = None,
        body: bytes = b"",
        timeout: float = 10.0,  # noqa: ARG002, ASYNC109 - as the port has it
    ) -> Answer:
        """See `Gateway`; no time passes, so `timeout` does nothing."""
        check_host(url, self._hosts)
        content, kind = content_of(json, body)
        self.calls.append(Asked(method=method, url=url, headers={**kind, **headers}, body=content))
        answer = self.answers.get((method, url), ServiceUnreachable())
        if isinstance(answer, Problem):
            raise answer
        if len(answer.body) > self._max_bytes:
            raise AnswerTooLarge(limit=self._max_bytes)
        return answer
