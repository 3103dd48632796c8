"""The commands about the OpenAPI document."""

from datetime import UTC, datetime
from typing import IO, Any

import click
from pydantic_core import from_json, to_json

from ports.contract import ContractBroken
from service.composition import PORTS
from service.http.app import routed_app
from service.http.openapi.changes import changes_between
from service.registry import Registry
from service.settings import Misconfigured, load_settings
from service.shell import EX_DATAERR, exit_with


def present_document() -> dict[str, Any]:
    """Return the document of the service as it is; it needs no database."""
    try:
        registry = Registry.found_in(load_settings().handlers, PORTS)
    except (ContractBroken, Misconfigured) as error:
        raise exit_with(str(error)) from None
    return routed_app(registry).openapi()


def written(document: dict[str, Any]) -> str:
    """Return a document as it is printed and committed."""
    return to_json(document, indent=2).decode() + "\n"


def print_document() -> None:
    """Print the document."""
    click.echo(written(present_document()), nl=False)


def print_changes(against: IO[bytes]) -> None:
    """Print what has changed since an earlier document, and end with 1 if that breaks callers unannounced."""
    try:
        earlier = from_json(against.read())
    except ValueError:
        raise exit_with("The earlier document is not JSON.", code=EX_DATAERR) from None
    present = present_document()
    try:
        changes = changes_between(earlier, present, on=datetime.now(UTC).date())
    except (LookupError, TypeError, ValueError, AttributeError):  # 1 would say that callers are broken
        raise exit_with("The earlier document is none that `actionbus openapi` printed.", code=EX_DATAERR) from None
    for change in changes:
        click.echo(str(change))
    if any(change.fails for change in changes):
        raise click.exceptions.Exit(1)
