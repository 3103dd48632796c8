"""What the command line's commands do, besides serving."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic_core import from_json, to_json

from adapters.jwt.identity import SignedIdentity
from adapters.structlog.logger import configure_log
from ports.action import ActionHandler, Execution
from ports.actions import InternalError
from ports.argument import Argument, from_text
from ports.checkpoint import OPERATOR
from ports.contract import ContractBroken
from ports.files import Sha256
from ports.problem import Conflict, Forbidden, NotFound, Problem, Unauthenticated, Unavailable
from service.composition import Service, open_service
from service.database import migrate, opened_database, pruned_by
from service.given import Given
from service.keys import LOCAL_OWNER
from service.outcome import Outcome
from service.runner import ActionRunner
from service.settings import Misconfigured, Settings, load_settings
from service.watched import watched

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EX_DATAERR, EX_NOINPUT, EX_SOFTWARE, EX_CANTCREAT, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG = 65, 66, 70, 73, 75, 77, 78
EXIT_CODES: Mapping[type[Problem], int] = {
    InternalError: EX_SOFTWARE,
    NotFound: EX_NOINPUT,
    Conflict: EX_CANTCREAT,
    Unavailable: EX_TEMPFAIL,
    Forbidden: EX_NOPERM,
    Unauthenticated: EX_NOPERM,
}
CHUNK_BYTES = 65_536


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end, or until a signal, and then what it does on leaving.

    What the operator can mend is said in a sentence, with the exit code EX_CONFIG.
    """
    import uvloop  # noqa: PLC0415 - the commands that run nothing do without

    try:
        return uvloop.run(_until_signalled(work))
    except (Misconfigured, ContractBroken) as error:
        raise exit_with(str(error)) from None


async def _until_signalled(work: Coroutine[Any, Any, T]) -> T:
    loop, task, received = asyncio.get_running_loop(), asyncio.current_task(), list[int]()

    def leave(number: int) -> None:
        if task is not None and not received:  # a second one would cut short what is done on leaving
            task.cancel()
        received.append(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, leave, number)
    try:
        return await work
    except asyncio.CancelledError:
        raise SystemExit(128 + received[0] if received else EX_SOFTWARE) from None


def run_migrations(**flags: Any) -> None:
    """Migrate; the embedded database does so by being opened."""

    async def work() -> None:
        settings = load_settings(**flags)
        async with opened_database(settings) as database:
            await migrate(database, pruned=pruned_by(settings))

    run_async(work())


async def run_action(
    name: str,
    handler: type[ActionHandler],
    given: Given,
    *,
    how: Mapping[str, Any],
    wait: bool,
    **flags: Any,
) -> Outcome:
    """Run an action as `runner_in` says; one that is queued by that may be waited for."""
    async with open_service(settings_of(flags)) as service:
        try:
            runner = await runner_in(service)
            outcome = await _run(runner, name, handler, given, how)
            return await watched(runner, outcome.output.id) if wait and outcome.state == "queued" else outcome
        except Problem as problem:  # of the token, or of a file to upload
            return Outcome.of(problem, Execution(), recorded=False)


async def runner_in(service: Service) -> ActionRunner:
    """Return the runner of the local owner, or of who holds ACTIONBUS_TOKEN. Raise `Unauthenticated`."""
    token = os.environ.get("ACTIONBUS_TOKEN") or new_token(
        service.tokens, actor=LOCAL_OWNER, scopes=("*", *OPERATOR), lifetime=timedelta(hours=1)
    )
    return ActionRunner(service, await service.identity.caller(token, entry_point="cli"))


async def _run(
    runner: ActionRunner,
    name: str,
    handler: type[ActionHandler],
    given: Given,
    how: Mapping[str, Any],
) -> Outcome:
    texts = {n: [await _uploaded(runner, handler.arguments[n], t) for t in each] for n, each in given.texts.items()}
    return await runner.run(name, given.sent(from_text(handler.arguments, texts)), **how)


async def _uploaded(runner: ActionRunner, declared: Argument, text: str) -> str:
    """Return the text, or where it is @ and a path for a file, the SHA-256 of the file, uploaded."""
    if declared.type != Sha256 or not text.startswith("@"):
        return text
    file = await runner.service.files.add(_chunks(Path(text[1:])))
    await runner.execute("record_upload", vars(file))
    return file.sha256


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    try:
        with path.open("rb") as opened:
            while chunk := await asyncio.to_thread(opened.read, CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise exit_with(f"The file {path} cannot be read: {error.strerror}.", code=EX_NOINPUT) from None


def settings_of(flags: Mapping[str, object]) -> Settings:
    """Return the settings of a command, whose log is on standard error, and tells of warnings only unless it is set."""
    settings = load_settings(**flags)
    level = settings.log_level if "log_level" in settings.model_fields_set else "warning"
    configure_log(level=level, readable=settings.log_format == "readable" or sys.stderr.isatty())
    return settings


def new_token(identity: SignedIdentity, *, lifetime: timedelta, **who: Any) -> str:
    """Return a token that is valid from now on."""
    return identity.token(at=datetime.now(UTC), lifetime=lifetime, **who)


def print_outcome(outcome: Outcome) -> None:
    """Print the output, or the problem on standard error, and then leave with its exit code."""
    failed = outcome.problem is not None
    text = outcome.body
    if (sys.stderr if failed else sys.stdout).isatty():
        text = to_json(from_json(text), indent=2)
    click.echo(text, err=failed)
    if outcome.problem is not None:
        sys.exit(next((code for kind, code in EXIT_CODES.items() if isinstance(outcome.problem, kind)), EX_DATAERR))


def exit_with(sentence: str, *, code: int = EX_CONFIG) -> SystemExit:
    """Print a sentence on standard error, and return the exit to raise."""
    click.echo(f"actionbus: {sentence}", err=True)
    return SystemExit(code)
