"""What the command line's commands do, besides serving."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem
from pydantic_core import from_json, to_json

from adapters.jwt.identity import SignedIdentity
from adapters.structlog.logger import configure_log
from ports.action import ActionHandler
from ports.actions import InternalError
from ports.argument import Argument, from_text
from ports.contract import ContractBroken
from ports.files import Sha256
from ports.problem import Conflict, Forbidden, NotFound, Problem, Unauthenticated, Unavailable
from service.composition import PORTS, open_service
from service.database import migrate, opened_database
from service.keys import LOCAL_OWNER, signing_key
from service.outcome import Outcome
from service.registry import Registry
from service.runner import ActionRunner
from service.settings import Misconfigured, Settings, load_settings

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


def run_async(work: Any) -> Any:
    """Run `work` to its end; what the operator can mend is said in a sentence, with the exit code EX_CONFIG."""
    import uvloop  # noqa: PLC0415

    try:
        return uvloop.run(work)
    except (Misconfigured, ContractBroken) as error:
        click.echo(f"actionbus: {error}", err=True)
        sys.exit(EX_CONFIG)


def print_token(*, actor: str | None, scopes: tuple[str, ...], hours: float, **flags: Any) -> None:
    """Print a token of the local owner's, or of another actor's."""
    try:
        identity = SignedIdentity(signing_key(load_settings(**flags)))
    except Misconfigured as error:
        raise _exit(str(error)) from None
    click.echo(_token(identity, actor=actor or LOCAL_OWNER, scopes=scopes or ("*",), lifetime=timedelta(hours=hours)))


def run_migrations(**flags: Any) -> None:
    """Migrate; the embedded database does so by being opened."""

    async def work() -> None:
        async with opened_database(load_settings(**flags)) as database:
            await migrate(database)

    run_async(work())


def public_handlers() -> dict[str, type[ActionHandler]]:
    """Return the actions that may be asked for, by name."""
    try:
        return dict(Registry.found_in(load_settings().handlers, PORTS).public())
    except (ContractBroken, Misconfigured) as error:
        raise _exit(str(error)) from None


def command_for(name: str) -> click.Command | None:
    """Return the command that runs an action, its options made from the handler's arguments."""
    handler = public_handlers().get(name)
    if handler is None:
        return None

    def callback(json: Any, **given: tuple[str, ...]) -> None:
        outcome = run_async(_run(name, handler, json.read() if json else {n: v for n, v in given.items() if v}))
        _print(outcome)

    options: list[click.Parameter] = [_option(argument, declared) for argument, declared in handler.arguments.items()]
    body = click.Option(
        ["--json", "json"], type=click.File("rb"), help="The arguments as JSON from a file; - reads standard input."
    )
    return click.Command(
        name,
        params=[*options, body],
        callback=callback,
        help=handler.__doc__,
        context_settings={"token_normalize_func": lambda token: token.replace("-", "_")},
    )


def print_actions() -> None:
    """Print the names of the actions and what they do."""
    for name, handler in public_handlers().items():
        click.echo(f"{name:<20} {_lines(handler.__doc__)[0]}")


def print_description(name: str) -> None:
    """Print what an action takes, returns and may answer."""
    handler = public_handlers().get(name)
    if handler is None:
        raise _exit(f"There is no action {name!r}; `actionbus actions` lists them.", code=EX_NOINPUT)
    click.echo(f"{name}\n\n" + "\n".join(f"  {line}" for line in _lines(handler.__doc__)))
    click.echo(f"\nPermission: {handler.permission}{' (only reads)' if handler.readonly else ''}")
    click.echo(f"Requires: {', '.join(handler.requires)}")
    click.echo("\nArguments:")
    for argument, schema in handler.input_model.model_json_schema()["properties"].items():
        need = (
            "required" if handler.arguments[argument].required else f"default {handler.arguments[argument].default!r}"
        )
        click.echo(f"  {argument:<18} {_kind(schema)}; {need}. {schema.get('description', '')}")
    click.echo("\nProblems:")
    for problem in handler.problems:
        click.echo(f"  {problem.status} {problem.code:<24} {problem.title}")
    click.echo("\nReturns:\n" + to_json(handler.output.json_schema(mode="serialization"), indent=2).decode())


class TextOf(click.ParamType[str]):
    """The text of a value, converted later by the argument's own type; it knows the options for completion."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.name = _kind(schema)
        self._options = [str(option) for option in schema.get("enum", ())]

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's
        """Return the options as they are to be written, or the name of the type."""
        return "|".join(self._options) or self.name.upper()

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """Return the options that begin like this."""
        return [CompletionItem(option) for option in self._options if option.startswith(incomplete)]


def _option(name: str, declared: Argument) -> click.Option:
    schema = _schema(declared)
    said = [schema.get("description", ""), "[required]" if declared.required else f"[{declared.default}]"]
    return click.Option([f"--{name}", name], type=TextOf(schema), multiple=True, help="  ".join(filter(None, said)))


def _schema(declared: Argument) -> dict[str, Any]:
    from ports.argument import input_model  # noqa: PLC0415

    schema: dict[str, Any] = input_model("Input", {"value": declared}).model_json_schema()["properties"]["value"]
    return schema


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "|".join(map(str, schema["enum"]))
    kinds = [_kind(option) for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    return "|".join(kinds) or str(schema.get("format") or schema.get("type", "json"))


async def _run(name: str, handler: type[ActionHandler], given: bytes | Mapping[str, tuple[str, ...]]) -> Outcome:
    async with open_service(_settings()) as service:
        token = os.environ.get("ACTIONBUS_TOKEN") or _token(service.identity, actor=LOCAL_OWNER)
        runner = ActionRunner(service, await service.identity.caller(token, entry_point="cli"))
        if isinstance(given, bytes):
            return await runner.run(name, given)
        texts = {n: [await _uploaded(runner, handler.arguments[n], t) for t in given[n]] for n in given}
        return await runner.run(name, from_text(handler.arguments, texts))


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
        raise Misconfigured(f"The file {path} cannot be read: {error.strerror}.") from None


def _settings() -> Settings:
    settings = load_settings()
    level = settings.log_level if "log_level" in settings.model_fields_set else "warning"
    configure_log(level=level, readable=settings.log_format == "readable" or sys.stderr.isatty())
    return settings


def _token(
    identity: SignedIdentity, *, actor: str, scopes: tuple[str, ...] = ("*",), lifetime: timedelta = timedelta(hours=1)
) -> str:
    return identity.token(actor=actor, scopes=scopes, at=datetime.now(UTC), lifetime=lifetime)


def _print(outcome: Outcome) -> None:
    failed = outcome.problem is not None
    text = outcome.body
    if (sys.stderr if failed else sys.stdout).isatty():
        text = to_json(from_json(text), indent=2)
    click.echo(text, err=failed)
    if outcome.problem is not None:
        sys.exit(next((code for kind, code in EXIT_CODES.items() if isinstance(outcome.problem, kind)), EX_DATAERR))


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").strip().splitlines()]


def _exit(sentence: str, *, code: int = EX_CONFIG) -> SystemExit:
    click.echo(f"actionbus: {sentence}", err=True)
    return SystemExit(code)
