"""What an action's arguments are, and how values are checked against them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, TypedDict, Union, cast, get_args, get_origin

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import ErrorDetails, PydanticCustomError, PydanticSerializationError, from_json, to_json

from ports.problem import Invalid

MISSING: Any = ...
_ECHOING = ("_parsing", "_type")  # errors whose messages may quote the input after a comma


def _of_64_bits(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise PydanticCustomError("int64", "Input should be an integer of 64 bits")
    return number


Int64 = Annotated[int, AfterValidator(_of_64_bits)]


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
    """What an argument may say of itself besides its type and default; the lower five are pydantic's."""

    options: Sequence[Any]
    validator: Callable[[Any], Any]
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

    def field(self) -> tuple[Any, Any]:
        """Return the type and the pydantic field that check a value."""
        said: dict[str, Any] = dict(self.constraints)
        options, validator, secret = (said.pop(name, None) for name in ("options", "validator", "secret"))
        kind = Literal[tuple(options)] if options else storable(self.type)
        if validator:
            kind = Annotated[kind, AfterValidator(validator)]
        if secret:
            said["json_schema_extra"] = {"writeOnly": True}
        field: Any = Field(default=self.default, **said)
        return kind, field


def storable(hint: Any) -> Any:
    """Return the type that takes only what can be stored: times with a zone, integers of 64 bits."""
    if hint is int or hint is datetime:
        return Int64 if hint is int else AwareDatetime
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return reduce(or_, map(storable, inner))
    return list[storable(inner[0])] if origin is list else hint  # type: ignore[misc]


def input_model(name: str, arguments: Mapping[str, Argument]) -> type[BaseModel]:
    """Return the pydantic model of `arguments`: strict, with nothing beyond them."""
    fields: dict[str, Any] = {argument: declared.field() for argument, declared in arguments.items()}
    config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=(), validate_default=True
    )
    return create_model(name, __config__=config, **fields)


def check(model: type[BaseModel], values: bytes | Mapping[str, object]) -> BaseModel:
    """Return `values` checked: JSON, or a mapping of JSON values and their Python forms.

    Raise `MalformedJson`, or `InvalidArguments` with all errors at once and none of the input.
    """
    try:
        sent = values if isinstance(values, bytes) else to_json(values)
        checked: BaseModel = model.__pydantic_validator__.validate_json(
            sent
        )  # not `model_validate_json`: a third of it is its own
    except ValidationError as error:
        raise _problem(error.errors(include_url=False, include_context=False, include_input=False)) from None
    except PydanticSerializationError:
        raise InvalidArguments(errors=[ArgumentError(pointer="", detail="Text must be valid Unicode.")]) from None
    if b"\\u0000" in sent and (unstorable := [*_with_null(from_json(sent), "")]):
        raise InvalidArguments(
            errors=[ArgumentError(pointer=p, detail="Text may not hold the character U+0000.") for p in unstorable]
        )
    return checked


def from_text(arguments: Mapping[str, Argument], texts: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Return the JSON values that the texts of a shell or a query stand for, by their arguments' types.

    A text is a JSON string where its type takes one (UUID, Decimal, datetime, enum, str), else JSON (`5`, `true`,
    `{"a": 1}`); a list is one text for each item. What is neither stays as it is, for `check` to speak of.
    """
    return {name: _value(arguments[name].type, given) if name in arguments else given for name, given in texts.items()}


def _value(hint: Any, texts: Sequence[str]) -> object:
    item = next((kind for kind in (hint, *get_args(hint)) if get_origin(kind) is list), None)
    if item is None or (len(texts) == 1 and texts[0].startswith("[")):
        return _read(hint, texts[-1]) if len(texts) == 1 else list(texts)
    return [_read(get_args(item)[0], text) for text in texts]


def _read(hint: Any, text: str) -> object:
    adapter = _adapter(hint)
    for as_string in (True, False):
        with suppress(ValidationError, UnicodeEncodeError, PydanticSerializationError):
            sent = to_json(text) if as_string else text.encode()
            adapter.validate_json(sent)
            return from_json(sent)
    return text


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint, config=None if hasattr(hint, "model_config") else ConfigDict(strict=True))


def _problem(errors: list[ErrorDetails]) -> Invalid:
    if errors[0]["type"] == "json_invalid":
        return MalformedJson(reason=errors[0]["msg"])
    if errors[0]["type"] == "model_type":
        return MalformedJson(reason="Arguments are a JSON object.")
    return InvalidArguments(
        errors=[ArgumentError(pointer=_pointer(error["loc"]), detail=_detail(error)) for error in errors]
    )


def _detail(error: ErrorDetails) -> str:
    return error["msg"].partition(",")[0] if error["type"].endswith(_ECHOING) else error["msg"]


def _pointer(path: Iterable[object]) -> str:
    return "".join("/" + str(step)[:200].replace("~", "~0").replace("/", "~1") for step in path)


def _with_null(value: object, pointer: str) -> Iterable[str]:
    match value:
        case str() if "\0" in value:
            yield pointer
        case dict():
            for name, inner in cast("dict[str, object]", value).items():
                yield from _with_null(inner, pointer + _pointer([name]))
        case list():
            for index, inner in enumerate(cast("list[object]", value)):
                yield from _with_null(inner, f"{pointer}/{index}")
        case _:
            pass
