"""Links: from what an action returns to the action that reads it, by its id."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ports.action import ActionHandler
from service.http.openapi.schemas import REFERENCE, Schema

WORD = re.compile("(?<=[a-z])(?=[A-Z])")


def readers_of(handlers: Iterable[tuple[str, type[ActionHandler]]]) -> Mapping[str, str]:
    """Return the actions that read one thing by its id alone, by what it is: `get_kit` for `kit`."""
    return {
        name.removeprefix("get_"): name
        for name, handler in handlers
        if name.startswith("get_") and [*handler.arguments] == [f"{name.removeprefix('get_')}_id"]
    }


def links_of(schema: Schema, models: Mapping[str, Schema], readers: Mapping[str, str]) -> dict[str, Any]:
    """Return the link of an output to who reads it, or reads the first of its items, where there is one."""
    model, where = _model(schema), "$response.body#"
    page = models.get(model, {}).get("properties", {})
    if {"items", "next_cursor"} == page.keys():
        model, where = _model(page["items"]["items"]), f"{where}/items/0"
    kind = kind_of(model)
    return links_to(kind, readers, where) if kind in readers and "id" in models[model]["properties"] else {}


def links_to(kind: str, readers: Mapping[str, str], where: str = "$response.body#") -> dict[str, Any]:
    """Return the link from where the id of such a thing is to who reads it, if anything does."""
    if kind not in readers:
        return {}
    name = f"{readers[kind]}{'_of_items' if where.endswith('0') else ''}"
    return {name: {"operationId": readers[kind], "parameters": {f"{kind}_id": f"{where}/id"}}}


def referred(links: Mapping[str, Any]) -> dict[str, Any]:
    """Return references to links that are components."""
    return {name: {"$ref": f"#/components/links/{name}"} for name in links}


def kind_of(model: str) -> str:
    """Return what a model tells of, by the first word of its name: of an execution for `ExecutionSummary`."""
    return WORD.split(model)[0].lower()


def _model(schema: Schema) -> str:
    return str(schema.get("$ref", "")).removeprefix(REFERENCE.format(model=""))
