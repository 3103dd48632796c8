"""The option of an action's command by which arguments come as a JSON object."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click
from pydantic_core import from_json

from service.given import Given
from service.shell import EX_NOINPUT, exit_with

STANDARD_INPUT = ("-", "@-")


def json_option() -> click.Option:
    """Return the option; no argument's name begins with an underscore."""
    said = "Arguments as a JSON object: itself, @ and the path of a file, or - for standard input."
    return click.Option(["--json", "_json"], metavar="JSON", help=said)


def given_by(texts: Mapping[str, tuple[str, ...]], json: str | None) -> Given:
    """Return what is given by options and by `--json`: no argument by both. What cannot be read ends the command."""
    options = {name: each for name, each in texts.items() if each}
    given = Given(texts=options, json=None if json is None else _read(json))
    if twice := sorted(options.keys() & (given.members or {})):
        raise click.UsageError(f"Given both by --json and by an option: {', '.join(twice)}. Leave one of the two out.")
    return given


def _read(json: str) -> bytes:
    if json in STANDARD_INPUT:
        if sys.stdin is None:
            raise exit_with("--json: there is no standard input.", code=EX_NOINPUT)
        return sys.stdin.buffer.read()
    if _is_json(sent := os.fsencode(json)):
        return sent
    try:
        return Path(json.removeprefix("@")).read_bytes()
    except (OSError, ValueError) as error:
        file = repr(json) if json.startswith("@") else "what is given"  # it may be arguments, and one of them a secret
        reason = error.strerror if isinstance(error, OSError) else "it is no path"
        sentence = f"--json: {file} is no JSON object, nor a file that can be read: {reason}."
        raise exit_with(sentence, code=EX_NOINPUT) from None


def _is_json(sent: bytes) -> bool:
    """Return whether it is JSON, or an object that is not quite."""
    try:
        from_json(sent)
    except ValueError:
        return sent.lstrip().startswith(b"{")
    return True
