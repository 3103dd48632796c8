"""A node of the cluster that is spoken to in plain JSON."""

from typing import Any

from elastic_transport import AiohttpHttpNode

PLAIN = {
    "application/vnd.elasticsearch+json; compatible-with=9": "application/json",
    "application/vnd.elasticsearch+x-ndjson; compatible-with=9": "application/x-ndjson",
}


class PlainNode(AiohttpHttpNode):
    """A node that is not told which version of the protocol is meant: what is asked here, 8 and 9 understand alike."""

    async def perform_request(self, method: str, target: str, *args: Any, **named: Any) -> Any:  # type: ignore[override]  # the rest is passed on as it is
        """Send a request with its media types as RFC 8259 and everybody know them."""
        if (headers := named.get("headers")) is not None:
            headers = headers.copy()
            for name in ("accept", "content-type"):
                if name in headers:
                    headers[name] = PLAIN.get(headers[name], headers[name])
            named["headers"] = headers
        return await super().perform_request(method, target, *args, **named)
