"""The doors of the service: all the ways in which one may ask for an action, each from outside to the end."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing import get_context
from typing import Any, NamedTuple, Protocol

import httpx
from click.testing import CliRunner
from fastapi import FastAPI
from pydantic_core import to_json
from sqlalchemy import URL

from ports.action import EntryPoint
from ports.problem import Problem
from service.cli import main
from service.composition import Service
from service.database import Database
from service.remote.runner import RemoteActionRunner
from tests.conftest import KEY, token_of
from tests.every.document import misfits, operation_of
from tests.every.rows import Arguments, action_of
from tests.every.world import World, scopes_of
from tests.service.serving import served


class Answer(NamedTuple):
    """What comes back: an output, or the document of a problem."""

    refused: bool
    body: bytes


class Door(Protocol):
    """One of the ways, by its entry point. Of a problem's document it does not tell `untold`."""

    entry_point: EntryPoint
    untold: frozenset[str]

    async def ask(self, actor: str, action: str, arguments: Arguments) -> Answer:
        """Ask for an action, or for one of the ways to ask for it."""
        ...


class Tokens:
    """The credentials of everybody in the world."""

    def __init__(self, service: Service, world: World) -> None:
        self._service = service
        self._of_links = {side.link: side.share_token for side in (world.ours, world.theirs)}
        self._of_people: dict[str, str] = {}

    def of(self, actor: str) -> str:
        """Return the token of an actor."""
        if actor in self._of_links:
            return self._of_links[actor]
        if actor not in self._of_people:
            self._of_people[actor] = token_of(self._service, actor, *scopes_of(actor))
        return self._of_people[actor]


class HttpDoor:
    """HTTP; every answer is held to the document."""

    entry_point: EntryPoint = "http"
    untold: frozenset[str] = frozenset()

    def __init__(self, client: httpx.AsyncClient, document: dict[str, Any], tokens: Tokens) -> None:
        self._client, self._document, self._tokens = client, document, tokens

    async def ask(self, actor: str, action: str, arguments: Arguments) -> Answer:
        """See `Door`."""
        method, _ = operation_of(self._document, action_of(action))
        answer = await self._client.request(
            method,
            f"/actions/{action_of(action)}",
            headers={"authorization": f"Bearer {self._tokens.of(actor)}"},
            json=arguments if method == "post" else None,
            params=_without_none(arguments) if method == "get" else None,
        )
        assert misfits(self._document, action_of(action), answer) == []
        return Answer(refused=not answer.is_success, body=answer.content)


class CommandLine:
    """The command line, in a process of its own: a new one for every command would take a second each."""

    entry_point: EntryPoint = "cli"
    untold: frozenset[str] = frozenset()

    def __init__(self, process: Executor, environment: Mapping[str, str], tokens: Tokens) -> None:
        self._process, self._environment, self._tokens = process, environment, tokens

    async def ask(self, actor: str, action: str, arguments: Arguments) -> Answer:
        """See `Door`."""
        return await self.run(actor, action, *options_of(arguments))

    async def run(self, actor: str, action: str, *options: str) -> Answer:
        """Ask for an action with these options."""
        environment = {**self._environment, "ACTIONBUS_TOKEN": self._tokens.of(actor)}
        command = ["run", action_of(action), *options]
        loop = asyncio.get_running_loop()
        code, printed, told = await loop.run_in_executor(self._process, _command, command, environment)
        assert (code == 0, bool(told)) in ((True, False), (False, True))
        assert not (printed and told)
        return Answer(refused=code != 0, body=printed or told)


class RemoteDoor:
    """The action runner of another service; its problems are those of the caller's own, of no execution here."""

    entry_point: EntryPoint = "http"
    untold = frozenset({"instance"})

    def __init__(self, address: str, tokens: Tokens, stack: AsyncExitStack) -> None:
        self._address, self._tokens, self._stack = address, tokens, stack
        self._runners: dict[str, RemoteActionRunner] = {}

    async def ask(self, actor: str, action: str, arguments: Arguments) -> Answer:
        """See `Door`."""
        if actor not in self._runners:
            runner = RemoteActionRunner(self._address, token=self._tokens.of(actor))
            self._runners[actor] = await self._stack.enter_async_context(runner)
        try:
            output = await self._runners[actor].execute(action_of(action), arguments)
        except Problem as problem:
            return Answer(refused=True, body=to_json(problem.document()))
        return Answer(refused=False, body=to_json(output))


@asynccontextmanager
async def opened_doors(
    app: FastAPI, service: Service, database: Database, world: World
) -> AsyncIterator[Mapping[str, Door]]:
    """Yield all doors by name."""
    tokens, url = Tokens(service, world), database.service
    async with AsyncExitStack() as stack:
        process = stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://actionbus.test")
        yield {
            "http": HttpDoor(await stack.enter_async_context(client), app.openapi(), tokens),
            "cli": CommandLine(process, _environment(service, url), tokens),
            "remote": RemoteDoor(await stack.enter_async_context(served(service)), tokens, stack),
        }


def options_of(arguments: Arguments) -> list[str]:
    """The arguments as one writes them: a list is its option several times, and None is to leave it out."""
    given = texts_of(arguments)
    return [f"--{name.replace('_', '-')}={text}" for name in given for text in given[name]]


def texts_of(arguments: Arguments) -> dict[str, list[str]]:
    """The arguments as texts, as a shell or a query has them."""
    given = {name: value if isinstance(value, list) else [value] for name, value in arguments.items()}
    return {name: [_text_of(each) for each in values if each is not None] for name, values in given.items()}


def _text_of(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _without_none(arguments: Arguments) -> Arguments:
    return {name: value for name, value in arguments.items() if value is not None}


def _environment(service: Service, url: URL) -> Mapping[str, str]:
    return {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "ACTIONBUS_DATA": str(service.settings.data),
        "ACTIONBUS_SIGNING_KEY": KEY,
    }


def _command(command: list[str], environment: Mapping[str, str]) -> tuple[int, bytes, bytes]:
    done = CliRunner().invoke(main, command, env=environment, catch_exceptions=False)
    return done.exit_code, done.stdout_bytes, done.stderr_bytes or b""
