"""Schemas of types, by unique and natural names, without what generators stumble over."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema, to_json

Schema = dict[str, Any]
Mode = Literal["validation", "serialization"]
IN: Mode = "validation"
OUT: Mode = "serialization"
REFERENCE = "#/components/schemas/{model}"
GENERIC = re.compile(r"([A-Za-z0-9]+)_(.+)_")
MODULES = "__"
OF_LANGUAGES = frozenset({"Blob", "Client", "Date", "Error", "File", "Map", "Object", "Request", "Response", "Set"})


class _Generator(GenerateJsonSchema):
    """No titles that repeat a name; what goes out carries every field, and none beside them."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 - pydantic's
        return self.mode == OUT or super().field_is_required(field, total)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        made = super().default_schema(schema)
        if self.mode == OUT or made.get("default") is None:
            made.pop("default", None)
        return made

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        return self._closed(super().model_schema(schema))

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> Schema:
        return self._closed(super().dataclass_schema(schema))

    def _closed(self, made: Schema) -> Schema:
        made.pop("title", None)
        return {"additionalProperties": False} | made if self.mode == OUT else made


def schemas_of(kinds: Iterable[tuple[Any, Mode, TypeAdapter[Any]]]) -> tuple[Mapping[Any, Schema], dict[str, Schema]]:
    """Return the schema of each kind, by its key and mode, and the models that they refer to, by name."""
    made, definitions = TypeAdapter.json_schemas([*kinds], schema_generator=_Generator, ref_template=REFERENCE)
    found: Mapping[str, Schema] = definitions.get("$defs", {})
    if len({*map(natural, found)}) < len(found):
        raise ValueError(f"Two models have one name among {', '.join(sorted(map(natural, found)))}; rename one.")
    names = {REFERENCE.format(model=name): REFERENCE.format(model=natural(name)) for name in found}

    def named(value: Any) -> Any:
        return names.get(value, value) if isinstance(value, str) else value

    models = {natural(name): replaced(schema, named) for name, schema in found.items()}
    return {key: replaced(schema, named) for key, schema in made.items()}, models


def natural(name: str) -> str:
    """Return what a person would call the model that pydantic calls `name`: `AssetPage` for `Page_Asset_`.

    What is both taken and given in two shapes is an `Argument` where it is taken; of two classes with one name each
    has its module's name before it. What a language or a generated client calls its own is a `Record`.
    """
    name = name.removesuffix("-Output")
    if name.endswith("-Input"):
        return f"{natural(name.removesuffix('-Input'))}Argument"
    if generic := GENERIC.fullmatch(name):
        parts = [generic[2]] if generic[2].endswith("_") else generic[2].split("_")
        return "".join(map(natural, parts)) + generic[1]
    if MODULES in name:
        module, _, own = name.rpartition(MODULES)
        return "".join(word.capitalize() for word in module.rpartition(MODULES)[2].split("_")) + own
    return f"{name}Record" if name in OF_LANGUAGES else name


def told_defaults(model: Schema) -> Schema:
    """Return a body's model with its defaults told in words: some generators demand what has a default."""
    return model | {"properties": {name: _told_default(of) for name, of in model["properties"].items()}}


def _told_default(schema: Schema) -> Schema:
    if "default" not in schema:
        return schema
    kept = {name: value for name, value in schema.items() if name != "default"}
    left_out = f"If left out: `{to_json(schema['default']).decode()}`."
    return kept | {"description": f"{schema.get('description', '')} {left_out}".strip()}


def replaced(value: Any, by: Callable[[Any], Any]) -> Any:
    """Return a JSON value with every value in it that is no object and no array replaced."""
    match value:
        case dict():
            return {name: replaced(inner, by) for name, inner in value.items()}
        case list():
            return [replaced(inner, by) for inner in value]
        case _:
            return by(value)


def reference(model: str) -> Schema:
    """Return the reference to a model."""
    return {"$ref": REFERENCE.format(model=model)}
