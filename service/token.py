"""The command that makes tokens."""

from collections.abc import Collection, Sequence
from datetime import timedelta

import click
from pydantic import TypeAdapter, ValidationError

from adapters.jwt.identity import SignedIdentity
from ports.action import ActorKind
from ports.contract import ContractBroken
from ports.library import ActorName, fitting_name
from service.composition import PORTS
from service.keys import LOCAL_OWNER, signing_key
from service.registry import Registry
from service.settings import Misconfigured, Settings, load_settings
from service.shell import EX_DATAERR, exit_with, new_token


def print_token(
    *, actor: str | None, name: str | None, service: bool, scopes: tuple[str, ...], hours: int, **flags: object
) -> None:
    """Print a token of the local owner's, or of another actor's."""
    try:
        settings = load_settings(**flags)
        _check_areas(scopes, settings)
        identity = SignedIdentity(signing_key(settings))
        subject = TypeAdapter[str](ActorName).validate_python(LOCAL_OWNER if actor is None else actor)
    except (ContractBroken, Misconfigured) as error:
        raise exit_with(str(error)) from None
    except ValidationError:
        raise exit_with("An actor's name is 1 to 200 visible ASCII characters.", code=EX_DATAERR) from None
    if name is not None and fitting_name(name) is None:
        raise exit_with("A name to show is 1 to 80 characters, no control characters.", code=EX_DATAERR)
    kind: ActorKind = "service" if service else "person"
    of = {"actor": subject, "name": name, "kind": kind, "scopes": scopes or ("*",)}
    click.echo(new_token(identity, lifetime=timedelta(hours=hours), **of))


def _check_areas(scopes: Collection[str], settings: Settings) -> None:
    """Leave with a sentence if a scope is an area that holds nothing, since all that there is in it is operators'."""
    named = {scope: scope.split() for scope in scopes}  # they are told apart by spaces where a token lists them
    if not all(named.values()):
        raise exit_with("A scope is a permission such as kit.read, an area such as kit.*, or *.", code=EX_DATAERR)
    areas = [scope for each in named.values() for scope in each if scope.endswith(".*")]
    registry = Registry.found_in(settings.handlers, PORTS) if areas else Registry({})
    for area in areas:
        if permissions := _operators_alone(area, registry):
            each = " ".join(f"--scope={permission}" for permission in permissions)
            sentence = f"The scope {area} holds nothing: what operators may is named one by one, {each}."
            raise exit_with(sentence, code=EX_DATAERR)


def _operators_alone(area: str, registry: Registry) -> Sequence[str]:
    of = [handler for _, handler in registry.all() if handler.permission.partition(".")[0] == area.partition(".")[0]]
    return sorted({handler.permission for handler in of}) if all(handler.operator for handler in of) else ()
