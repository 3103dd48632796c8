"""Requests as no client would send them, and what came of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, get_args

from fastapi import FastAPI
from pydantic_core import from_json
from sqlalchemy import text

from ports.history import EntityKind
from service.http.methods import method_of
from tests.every.conftest import PUBLIC, Stage
from tests.every.doors import Answer

SHOWN_BYTES = 200
ROWS = """
select id::text, state, parent_id is null as outermost,
    exists (select 1 from changes where execution_id = executions.id) as changed
from executions where id::text <> all(:known)
"""
# By kind, how many there are more or less than the changes tell.
UNTOLD = " union all ".join(
    f"select '{kind}', (select count(*) from {kind}s) - count(*) filter (where before is null)"
    f" + count(*) filter (where after is null) from changes where entity_kind = '{kind}'"
    for kind in get_args(EntityKind)
)


@dataclass
class Attack:
    """What one actor asks of one action, and what they were told: what was sent, the status, and what was answered."""

    app: FastAPI
    token: str
    action: str
    told: list[tuple[bytes, int, Any]] = field(default_factory=list)

    async def send(self, *parts: bytes, query: bytes = b"", length: int | None = None) -> None:
        """Send a request, its body in parts and of any length that one may claim."""
        messages = iter({"type": "http.request", "body": part, "more_body": True} for part in parts)
        received: list[Any] = []

        async def receive() -> dict[str, Any]:
            return next(messages, {"type": "http.request", "body": b"", "more_body": False})

        async def send(message: Any) -> None:
            received.append(message)

        claimed = [] if length is None else [(b"content-length", b"%d" % length)]
        await self.app(self._scope(query, claimed), receive, send)
        content = b"".join(each.get("body", b"") for each in received[1:])
        self.told.append(((query or parts[0])[:SHOWN_BYTES], received[0]["status"], from_json(content)))

    def add(self, sent: object, answer: Answer) -> None:
        """Take what another door told."""
        document = from_json(answer.body)
        self.told.append((repr(sent)[:SHOWN_BYTES].encode(), document["status"] if answer.refused else 200, document))

    def _scope(self, query: bytes, headers: Iterable[tuple[bytes, bytes]]) -> dict[str, Any]:
        path, token = f"/actions/{self.action}", f"Bearer {self.token}".encode()
        said = [(b"authorization", token), (b"content-type", b"application/json"), *headers]
        return {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": "",
            "method": method_of(PUBLIC[self.action]), "path": path, "raw_path": path.encode(), "query_string": query,
            "headers": said, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip

    def assert_told_well(self) -> None:
        """Every answer is an output or a problem, and none is a bug."""
        assert [each for each in self.told if each[1] >= 500] == []
        assert [each for each in self.told if each[1] != 200 and each[2].get("status") != each[1]] == []

    async def assert_kept_whole(self, stage: Stage, known: set[str]) -> None:
        """Each success has its one row, as each problem has that names one, and only successes have changes."""
        async with stage.service.engine.connect() as connection:
            rows = (await connection.execute(text(ROWS), {"known": [*known]})).all()
            untold = [*await connection.execute(text(UNTOLD))]
        answers = [answer for _, status, answer in self.told if status != 200]
        named = [answer["instance"].rpartition("/")[2] for answer in answers if "instance" in answer]
        done = 0 if PUBLIC[self.action].readonly else len(self.told) - len(answers)
        own = [row for row in rows if row.outermost]
        assert sorted(row.id for row in own if row.state == "rejected") == sorted(named)
        assert [row.state for row in own].count("succeeded") == done
        assert {row.state for row in own} <= {"succeeded", "rejected"}
        assert {row.state for row in rows} <= {"succeeded", "rejected", "queued"}
        assert [row for row in rows if row.state == "rejected" and row.changed] == []
        assert [row for row in untold if row[1] != 0] == []
