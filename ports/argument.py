"""What an action's arguments are, and how values are checked against them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, Literal, TypedDict, get_args
from warnings import catch_warnings, filterwarnings

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import from_json, to_json

from ports.json_limits import JsonLimits
from ports.misfit import MAX_ERRORS, misfits
from ports.pointer import pointer_of, with_null
from ports.problem import Invalid
from ports.storable import bounded, storable
from ports.text import json_value

MISSING: Any = ...
DEFAULT_LIMITS = JsonLimits()


class MalformedJson(Invalid):
    """The arguments are not a JSON object.

    Send one JSON object (RFC 8259) whose members are the action's arguments.
    """

    status = 400
    reason: str


@dataclass(frozen=True, kw_only=True)
class ArgumentError:
    """What is wrong with one argument: `pointer` is a JSON Pointer (RFC 6901) into the arguments."""

    pointer: str
    detail: str


class InvalidArguments(Invalid):
    """The arguments do not fit the action.

    `errors` lists all that is wrong, each with a JSON Pointer to where.
    """

    errors: list[ArgumentError]


class Constraints(TypedDict, total=False):
    """What an argument may say of itself besides its type and default; the lower five are pydantic's.

    `aliases` are names that it had before, under which it is still taken.
    """

    options: Sequence[Any]
    validator: Callable[[Any], Any]
    aliases: Sequence[str]
    description: str
    secret: bool
    examples: list[Any]
    min_length: int
    max_length: int
    ge: int
    le: int
    pattern: str


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One validated input of an action, as declared."""

    type: Any
    default: Any
    constraints: Constraints

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is MISSING

    @property
    def secret(self) -> bool:
        """Whether its value may be on no record."""
        return self.constraints.get("secret", False)

    @property
    def aliases(self) -> Sequence[str]:
        """The names that it had before."""
        return self.constraints.get("aliases", ())

    @property
    def kind(self) -> Any:
        """The type that a value must have: one of the options, where there are some."""
        options = self.constraints.get("options")
        if not options:
            return storable(self.type)
        kind: Any = Literal[tuple(options)]
        return kind | None if NoneType in get_args(self.type) else kind

    def field(self, name: str) -> tuple[Any, Any]:
        """Return the type and the pydantic field that check a value of that name."""
        said: dict[str, Any] = dict(self.constraints)
        _, validator, aliases, secret = (said.pop(each, None) for each in ("options", "validator", "aliases", "secret"))
        numeric = () if self.constraints.get("options") else ("ge", "le")
        bounds = {bound: said.pop(bound) for bound in numeric if bound in said}
        kind = storable(bounded(self.type, bounds)) if bounds else self.kind
        kind = Annotated[kind, AfterValidator(_unless_none(validator))] if validator else kind
        if secret:
            said["json_schema_extra"] = {"writeOnly": True}
        if aliases:  # none given by two names: the second is one too many
            said["validation_alias"] = AliasChoices(name, *aliases)
        field: Any = Field(default=self.default, **said)
        return kind, field


def _unless_none(validator: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else validator(value)


def input_model(name: str, arguments: Mapping[str, Argument]) -> type[BaseModel]:
    """Return the pydantic model of `arguments`: strict, with nothing beyond them."""
    fields: dict[str, Any] = {argument: declared.field(argument) for argument, declared in arguments.items()}
    config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=(), validate_default=True
    )
    with catch_warnings():  # an argument may be called `json` or `copy`: nobody asks the model for its methods
        filterwarnings("ignore", message="Field name .* shadows an attribute", category=UserWarning)
        return create_model(name, __config__=config, **fields)


def by_every_name(arguments: Mapping[str, Argument]) -> Mapping[str, Argument]:
    """Return the arguments by their names and by their aliases."""
    return {spelt: declared for name, declared in arguments.items() for spelt in (name, *declared.aliases)}


def check(
    model: type[BaseModel], values: bytes | Mapping[str, object], *, limits: JsonLimits = DEFAULT_LIMITS
) -> BaseModel:
    """Return `values` checked: JSON, or a mapping of JSON values and their Python forms.

    Raise `MalformedJson`, `JsonTooDeep`, `JsonTooManyValues`, or `InvalidArguments` with all errors at once and none of
    the input.
    """
    sent = values if isinstance(values, bytes) else written(values)
    limits.check(sent)
    try:
        # Not `model_validate_json`: a third of it is its own.
        checked: BaseModel = model.__pydantic_validator__.validate_json(sent)
    except ValidationError as error:
        raise _problem(error, sent) from None
    if b"\\u0000" in sent and (unstorable := [*with_null(from_json(sent))]):
        detail = "Text may not hold the character U+0000."
        raise InvalidArguments(errors=[ArgumentError(pointer=p, detail=detail) for p in unstorable[:MAX_ERRORS]])
    return checked


def from_text(
    arguments: Mapping[str, Argument], texts: Mapping[str, Sequence[str]], *, null: bool = True
) -> dict[str, object]:
    """Return the JSON values that texts stand for, by their arguments' types; "null" stands for None, if it may."""
    known = by_every_name(arguments)
    return {
        name: json_value(known[name].kind, given, null=null) if name in known else given
        for name, given in texts.items()
    }


def written(values: Mapping[str, object]) -> bytes:
    """Return the JSON object of `values`. Raise `InvalidArguments` that names those which cannot be written."""
    try:
        return to_json(values)
    except ValueError:
        unwritable = [pointer_of([name]) for name, value in values.items() if not _can_be_written(value)]
        detail = "This cannot be written as JSON (RFC 8259, in UTF-8)."
        raise InvalidArguments(errors=[ArgumentError(pointer=p, detail=detail) for p in unwritable or [""]]) from None


def _can_be_written(value: object) -> bool:
    try:
        to_json(value)
    except ValueError:
        return False
    return True


def _problem(error: ValidationError, sent: bytes) -> Invalid:
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return MalformedJson(reason=first["msg"])
    if first["type"] == "model_type":
        return MalformedJson(reason="Arguments are a JSON object.")
    found = misfits(error, from_json(sent))
    return InvalidArguments(errors=[ArgumentError(pointer=pointer, detail=detail) for pointer, detail in found])
