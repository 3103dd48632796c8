"""What one schema allows and another does not, as far as the documents that are made here can say it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Schema = Mapping[str, Any]
LOWEST, HIGHEST = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")
EXACT = ("pattern", "format")


class Lost(NamedTuple):
    """A member that the other does not know, one that only the other requires, or values that only the one allows."""

    kind: Literal["member", "required", "value"]
    where: str
    values: str = ""


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """Compares schemas of the document `wide` with those of `narrow`; each looks up its references in its own."""

    wide: Schema
    narrow: Schema
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def lost(self, wide: Schema, narrow: Schema, where: str = "") -> Iterator[Lost]:
        """Yield what `wide` allows and `narrow` does not; `where` is the path to it."""
        pair = (str(wide.get("$ref", "")), str(narrow.get("$ref", "")))
        if all(pair) and pair in self._seen:
            return
        self._seen.add(pair)
        others = [*_alternatives(self.narrow, narrow)]
        for one in _alternatives(self.wide, wide):
            found = [[*self._of(one, other, where)] for other in others if _comparable(one, other)]
            yield from min(found, key=len, default=[Lost("value", where, _named(one))])

    def _of(self, one: Schema, other: Schema, where: str) -> Iterator[Lost]:
        if values := _values(one, other):
            yield Lost("value", where, values)
        for key in (*LOWEST, *HIGHEST, *EXACT):
            if _excludes(key, one.get(key), other.get(key)):
                yield Lost("value", where, f"values beyond {key} {other[key]}")
        yield from self._of_members(one, other, where)
        for key, place in (("items", f"{where}[]"), ("additionalProperties", f"{where}.*")):
            if isinstance(one.get(key), dict) and isinstance(other.get(key), dict):
                yield from self.lost(one[key], other[key], place)

    def _of_members(self, one: Schema, other: Schema, where: str) -> Iterator[Lost]:
        mine, theirs = one.get("properties", {}), other.get("properties", {})
        for name, schema in mine.items():
            place = f"{where}.{name}".lstrip(".")
            if name not in theirs:
                yield Lost("member", place)
            else:
                yield from self.lost(schema, theirs[name], place)
        for name in other.get("required", ()):
            if name not in one.get("required", ()):
                yield Lost("required", f"{where}.{name}".lstrip("."))


def resolved(document: Schema, value: Schema) -> Schema:
    """Return what a reference stands for; what is no reference stands for itself."""
    met: list[str] = []
    while "$ref" in value:
        if value["$ref"] in met:
            raise KeyError(value["$ref"])  # it stands for itself, and so for nothing
        met.append(value["$ref"])
        found: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


def _alternatives(document: Schema, schema: Schema) -> Iterator[Schema]:
    schema = resolved(document, schema)
    kinds = schema.get("anyOf") or schema.get("oneOf")
    if kinds:
        for kind in kinds:
            yield from _alternatives(document, kind)
    elif isinstance(schema.get("type"), list):
        yield from ({**schema, "type": kind} for kind in schema["type"])
    else:
        yield schema


def _comparable(one: Schema, other: Schema) -> bool:
    kinds = (one.get("type"), other.get("type"))
    return kinds[1] is None or kinds[0] == kinds[1] or kinds == ("integer", "number")


def _values(one: Schema, other: Schema) -> str:
    mine, theirs = _options(one), _options(other)
    if theirs is None:
        return ""
    if mine is None:
        return _named(one)
    return ", ".join(repr(value) for value in mine if value not in theirs)


def _options(schema: Schema) -> list[Any] | None:
    options: list[Any] | None = [schema["const"]] if "const" in schema else schema.get("enum")
    return options


def _named(schema: Schema) -> str:
    options = _options(schema)
    return ", ".join(map(repr, options)) if options else str(schema.get("type", "anything"))


def _excludes(key: str, mine: Any, theirs: Any) -> bool:
    if theirs is None or mine == theirs:
        return False
    if mine is None or key in EXACT:
        return True
    return bool(mine < theirs if key in LOWEST else mine > theirs)
