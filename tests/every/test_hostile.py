"""Hostile values in every argument of every action: told as a problem or taken as a success, and kept whole or not."""

import logging
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlencode

import pytest
import structlog
from fastapi import FastAPI
from pydantic_core import from_json, to_json
from sqlalchemy import text

from adapters.structlog.logger import configure_log, unbound_log
from ports.argument import from_text
from service.http.methods import method_of
from service.runner import ActionRunner
from tests.every.attack import Attack
from tests.every.conftest import PUBLIC, Stage
from tests.every.doors import Answer, Tokens, texts_of
from tests.every.hostile import FROM_SHELLS, JSON, MEBIBYTE, QUERIES, UNKNOWN, bodies
from tests.every.rows import ROWS
from tests.every.world import caller_of

READING = [action for action in ROWS if method_of(PUBLIC[action]) == "GET"]
WRITING = [action for action in ROWS if action not in READING]
TAKING = [action for action in WRITING if PUBLIC[action].arguments]


@pytest.fixture
def log() -> Iterator[BytesIO]:
    """The service's own log, as an operator has it."""
    root, kept = logging.getLogger(), BytesIO()
    handlers, level = [*root.handlers], root.level
    configure_log(level="info", readable=False, stream=kept)
    yield kept
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    unbound_log.cache_clear()


@pytest.fixture
def attack(app: FastAPI, stage: Stage, action: str) -> Attack:
    token = Tokens(stage.service, stage.world).of(stage.world.actor(ROWS[action].doer))
    return Attack(app=app, token=token, action=action)


@pytest.fixture
async def known(stage: Stage) -> set[str]:
    """The executions before."""
    async with stage.service.engine.connect() as connection:
        return {*await connection.scalars(text("select id::text from executions"))}


def assert_unharmed(log: BytesIO) -> None:
    """Every record is one line of JSON, and none is of a bug."""
    records = [from_json(line) for line in log.getvalue().splitlines()]
    assert [each for each in records if each["level"] not in ("info", "debug") or "exception" in each] == []
    assert records


@pytest.mark.parametrize("action", WRITING)
async def test_no_body_does_harm(stage: Stage, attack: Attack, known: set[str], log: BytesIO, action: str) -> None:
    asked = ROWS[action].asks(stage.world.ours)
    for name in PUBLIC[action].arguments:
        rest = b"".join(b"," + to_json({other: asked[other]})[1:-1] for other in asked if other != name)
        for value in JSON:
            await attack.send(b'{"' + name.encode() + b'":' + value + rest + b"}")
        for value in JSON[::10]:
            twice = b'":' + to_json(asked.get(name)) + b',"' + name.encode() + b'":' + value
            await attack.send(b'{"' + name.encode() + twice + rest + b"}")
        await attack.send(b"{}", length=10 * MEBIBYTE)
        await attack.send(b'{"' + name.encode() + b'":"', *[b"x" * MEBIBYTE] * 10, b'"' + rest + b"}")
    for body in bodies(to_json(asked)):
        await attack.send(body)

    attack.assert_told_well()
    await attack.assert_kept_whole(stage, known)
    assert_unharmed(log)


@pytest.mark.parametrize("action", TAKING)
async def test_no_text_does_harm(stage: Stage, attack: Attack, known: set[str], log: BytesIO, action: str) -> None:
    declared, asked = PUBLIC[action].arguments, texts_of(ROWS[action].asks(stage.world.ours))
    runner = ActionRunner(stage.service, caller_of(stage.world.actor(ROWS[action].doer)))
    for number, name in enumerate(declared):
        for value in FROM_SHELLS[number % 2 :: 2]:
            outcome = await runner.run(action, from_text(declared, asked | {name: [value]}))
            attack.add(value, Answer(refused=outcome.problem is not None, body=outcome.body))

    attack.assert_told_well()
    await attack.assert_kept_whole(stage, known)
    assert_unharmed(log)


@pytest.mark.parametrize("action", ROWS)
async def test_no_option_does_harm(
    stage: Stage, doors: Mapping[str, Any], attack: Attack, known: set[str], action: str
) -> None:
    texts = islice(cycle(shell_words()), [*ROWS].index(action), None)
    options = [f"--{name}={next(texts)}" for name in PUBLIC[action].arguments]

    attack.add(options, await doors["cli"].run(stage.world.actor(ROWS[action].doer), action, *options))

    attack.assert_told_well()
    await attack.assert_kept_whole(stage, known)


def shell_words() -> list[str]:
    """What a shell can carry, and is not a file to upload."""
    return [text for text in FROM_SHELLS if "\0" not in text and not text.startswith("@")]


@pytest.mark.parametrize("action", READING)
async def test_no_query_does_harm(stage: Stage, attack: Attack, known: set[str], log: BytesIO, action: str) -> None:
    asked = ROWS[action].asks(stage.world.ours)
    for name in PUBLIC[action].arguments:
        rest = "".join(f"&{other}={asked[other]}" for other in asked if other != name).encode()
        for value in QUERIES:
            await attack.send(query=name.encode() + b"=" + value + rest)
        for value in QUERIES[::10]:
            await attack.send(query=rest[1:] + b"&" + name.encode() + b"=a&" + name.encode() + b"=" + value)
    for unknown in UNKNOWN:
        await attack.send(query=unknown + b"&" + urlencode(asked, doseq=True).encode())

    attack.assert_told_well()
    await attack.assert_kept_whole(stage, known)
    assert_unharmed(log)
