"""How two ways of doing the same are measured side by side."""

import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

Work = Callable[[], Awaitable[object]]
RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True, kw_only=True)
class Result:
    """A ratio of ours to the alternative: the median of interleaved rounds.

    It is of CPU time for each call, or as its name says; the two values are microseconds.
    """

    name: str
    ratio: float
    target: float
    ours_us: float
    alternative_us: float
    better: str = "lower"


def keep(results: Iterable[Result]) -> None:
    """Write results to results.json, in place of what is there by the same names."""
    kept = json.loads(RESULTS.read_text())["results"] if RESULTS.exists() else []
    by_name = {each["name"]: each for each in (*kept, *map(asdict, results))}
    written = {"python": sys.version.split()[0], "results": list(by_name.values())}
    RESULTS.write_text(json.dumps(written, indent=2) + "\n")


async def compare(name: str, ours: Work, alternative: Work, *, target: float, times: int, rounds: int = 15) -> Result:
    """Do both in turn and return the ratio of their CPU time, this process's alone, in microseconds for each time."""
    for warm_up in (ours, alternative):
        await _cpu_us(warm_up, max(times // 4, 20))
    pairs = [(await _cpu_us(ours, times), await _cpu_us(alternative, times)) for _ in range(rounds)]
    return Result(
        name=name,
        ratio=round(median(a / b for a, b in pairs), 3),
        target=target,
        ours_us=round(median(a for a, _ in pairs), 1),
        alternative_us=round(median(b for _, b in pairs), 1),
    )


async def _cpu_us(work: Work, times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        await work()
    return (time.process_time() - started) / times * 1e6


def asgi_call(app: Any, path: str, body: Callable[[], bytes], token: str) -> Work:
    """Return a POST of `body` to an ASGI app without a socket; anything but 200 is an error."""
    base = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def call() -> None:
        content, sent = body(), list[Any]()
        headers = [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
            (b"authorization", b"Bearer " + token.encode()),
        ]

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await app({**base, "headers": headers, "state": {}}, receive, send)
        if sent[0]["status"] != 200:  # noqa: PLR2004 - OK
            raise RuntimeError(f"{path} answered {sent[0]['status']}: {sent[1]['body'][:500]!r}")

    return call
