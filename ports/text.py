"""The texts of a shell or a query, as the JSON values that they stand for."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from types import NoneType
from typing import Any, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from ports.storable import SEQUENCES


def json_value(hint: Any, texts: Sequence[str], *, null: bool = True) -> object:
    """Return the JSON value of that type that the texts stand for.

    A text is a JSON string where its type takes one (UUID, Decimal, datetime, enum, str), else JSON (`5`, `true`,
    `{"a": 1}`); a list is one text for each item, or JSON. What is neither stays as it is, for `check` to speak of; so
    does "null" where it may not be None.
    """
    if not null and NoneType in get_args(hint):
        hint = Union[tuple(kind for kind in get_args(hint) if kind is not NoneType)]  # noqa: UP007 - made at run time
    kinds = (kind for kind in (hint, *get_args(hint)) if get_origin(kind) in SEQUENCES)
    items, alone = next(kinds, None), texts[0] if len(texts) == 1 else None
    if alone is not None and (items is None or alone.startswith("[")):
        whole = _read(hint, alone)
        if items is None or whole != alone:
            return whole
    if items is None:
        return list(texts)
    return [_read(get_args(items)[0], text) for text in texts]


def _read(hint: Any, text: str) -> object:
    adapter = _adapter(hint)
    for as_string in (True, False):
        with suppress(ValidationError, UnicodeEncodeError, PydanticSerializationError):
            sent = to_json(text) if as_string else text.encode()
            adapter.validate_json(sent, strict=True)
            return from_json(sent)
    return text


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)
