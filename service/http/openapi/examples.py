"""Examples: what arguments and outputs look like, by their schemas and by the one example of `ports/example.py`.

What an argument says of itself (`Arg(examples=...)`) comes first, then what the example knows by the name of a field
(`kit_id` is the id of its kit), then a value that its schema allows. Nothing here knows an action.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import TypeAdapter

from service.http.openapi.links import kind_of
from service.http.openapi.schemas import REFERENCE, Schema, natural

PLACEHOLDERS: Mapping[str, object] = {
    "uuid": "019b76da-a800-7000-8000-000000000001",
    "date-time": "2026-01-01T00:00:00Z",
    "string": "text",
    "boolean": False,
    "null": None,
}


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Models by name, whose schemas are looked up; things by the name of their model; and words for fields."""

    models: Mapping[str, Schema]
    things: Mapping[str, object]
    words: Mapping[str, object]

    @classmethod
    def of(cls, models: Mapping[str, Schema], things: tuple[object, ...], words: Mapping[str, object]) -> Self:
        """Return the examples that these things make: the first that has a field says what that field is like."""
        shown = {
            natural(type(thing).__name__): TypeAdapter(type(thing)).dump_python(thing, mode="json") for thing in things
        }
        said: dict[str, object] = {}
        for kind, fields in shown.items():
            said[f"{kind_of(kind)}_id"] = fields.get("id")
            for name, value in fields.items():
                if value is not None:
                    said.setdefault(name, value)
        known = {name: value for name, value in said.items() if value is not None}
        return cls(models=models, things=shown, words={**known, **words})

    def arguments(self, schema: Schema) -> dict[str, Any]:
        """Return the arguments that an example gives: what is required, and what has examples of its own."""
        required = schema.get("required", ())
        return {
            name: self.value(of, name)
            for name, of in schema.get("properties", {}).items()
            if name in required or "examples" in of
        }

    def output(self, schema: Schema, given: Mapping[str, Any]) -> Any:
        """Return what may come of these arguments: what is given comes back under the same name."""
        value = self.value(schema, "")
        if not isinstance(value, dict):
            return value
        return {name: given.get(name, inner) for name, inner in value.items()}

    def value(self, schema: Schema, name: str) -> Any:
        """Return a value that the schema allows, like the example where that knows the name."""
        if "$ref" in schema:
            return self._model(schema["$ref"].removeprefix(REFERENCE.format(model="")))
        if "examples" in schema:
            return schema["examples"][0]
        kinds = schema.get("anyOf") or schema.get("oneOf")
        if kinds:
            return self._one_of(kinds, name)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        return self._plain(schema, name)

    def _model(self, model: str) -> Any:
        schema = self.models[model]
        if "properties" not in schema:
            return self.value(schema, "")
        own = self.things.get(model)
        return own or {name: self.value(of, name) for name, of in schema["properties"].items()}

    def _one_of(self, kinds: list[Schema], name: str) -> Any:
        if {"type": "null"} in kinds and name not in self.words:
            return None
        return self.value(next(kind for kind in kinds if kind != {"type": "null"}), name)

    def _plain(self, schema: Schema, name: str) -> Any:
        known = self.words.get(name)
        match schema.get("type"):
            case "array":
                single = name.removesuffix("s")
                return known if isinstance(known, list) else [self.value(schema.get("items", {}), single)]
            case "object":
                return known if isinstance(known, dict) else {}
            case "integer" | "number":
                return known if isinstance(known, int) else schema.get("minimum", 0)
            case "string" if isinstance(known, str) and _fits(known, schema):
                return known
            case kind:
                return PLACEHOLDERS.get(schema.get("format", str(kind)), known)


def _fits(text: str, schema: Schema) -> bool:
    return not ("pattern" in schema and not re.search(schema["pattern"], text))
