"""The commands of the actions, made from their handlers, and what there is to say of them."""

from typing import Any

import click
from click.shell_completion import CompletionItem
from pydantic_core import to_json

from ports.action import ActionHandler
from ports.argument import Argument, input_model
from ports.contract import ContractBroken
from service.composition import PORTS
from service.json_option import given_by, json_option
from service.queueing import later_of, queueing_options
from service.registry import Registry
from service.settings import Misconfigured, load_settings
from service.shell import EX_NOINPUT, exit_with, print_outcome, run_action, run_async


def public_handlers() -> dict[str, type[ActionHandler]]:
    """Return the actions that may be asked for, by name."""
    try:
        return dict(Registry.found_in(load_settings().handlers, PORTS).public())
    except (ContractBroken, Misconfigured) as error:
        raise exit_with(str(error)) from None


def command_for(name: str) -> click.Command | None:
    """Return the command that runs an action, its options made from the handler's arguments."""
    handler = public_handlers().get(name)
    if handler is None:
        return None

    def callback(**given: Any) -> None:
        json, how = given.pop("_json"), {"key": given.pop("_key"), "dry_run": given.pop("_dry_run")}
        how["later"], wait = later_of(handler, given)
        flags = click.get_current_context().find_object(dict) or {}
        work = run_action(name, handler, given_by(given, json), how=how, wait=wait, **flags)
        print_outcome(run_async(work))

    return click.Command(
        name,
        params=[*options_of(handler), *_common(), *queueing_options(handler)],
        callback=callback,
        help=handler.__doc__,
        context_settings={"token_normalize_func": lambda token: token.replace("-", "_")},
    )


def options_of(handler: type[ActionHandler]) -> list[click.Parameter]:
    """Return the options that are the arguments of an action."""
    return [_option(argument, declared) for argument, declared in handler.arguments.items()]


def _common() -> list[click.Parameter]:
    """Return the options that every action has; no argument's name begins with an underscore."""
    return [
        json_option(),
        click.Option(["--idempotency-key", "_key"], help="Asked again with the same key, it is done once."),
        click.Option(["--dry-run", "_dry_run"], is_flag=True, help="Say what would be returned and changed."),
    ]


def print_actions() -> None:
    """Print the names of the actions and what they do."""
    for name, handler in public_handlers().items():
        click.echo(f"{name:<20} {_lines(handler.__doc__)[0]}")


def print_description(name: str) -> None:
    """Print what an action takes, returns and may answer."""
    handler = public_handlers().get(name)
    if handler is None:
        raise exit_with(f"There is no action {name!r}; `actionbus actions` lists them.", code=EX_NOINPUT)
    click.echo(f"{name}\n\n" + "\n".join(f"  {line}" for line in _lines(handler.__doc__)))
    click.echo(f"\nPermission: {handler.permission}{' (only reads)' if handler.readonly else ''}")
    if handler.deprecated:
        instead = f"; use {handler.deprecated.instead}" if handler.deprecated.instead else ""
        click.echo(f"Deprecated since {handler.deprecated.since}, until {handler.deprecated.sunset}{instead}")
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
    schema: dict[str, Any] = input_model("Input", {"value": declared}).model_json_schema()["properties"]["value"]
    return schema


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "|".join(map(str, schema["enum"]))
    kinds = [_kind(option) for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    return "|".join(kinds) or str(schema.get("format") or schema.get("type", "json"))


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").strip().splitlines()]
