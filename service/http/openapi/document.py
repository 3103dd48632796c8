"""The document: one operation for each action, made from the registry, and the plain routes."""

from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from ports.action import ActionHandler
from ports.background import Accepted
from ports.example import THINGS, WORDS
from ports.files import File
from ports.problem import Problem
from service.http.methods import method_of
from service.http.openapi.examples import Examples
from service.http.openapi.links import kind_of, readers_of
from service.http.openapi.operations import PARAMETERS, Operations
from service.http.openapi.responses import HEADERS, Responses
from service.http.openapi.schemas import IN, OUT, REFERENCE, Mode, Schema, replaced, schemas_of, told_defaults
from service.registry import Registry

PLAIN = "service"
ABOUT_PLAIN = "The service itself: what it can do, and how it is."


def document(app: FastAPI, registry: Registry) -> dict[str, Any]:
    """Return the document of the app's plain routes and of every action. It is made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _made(app, dict(registry.public()))
    return app.openapi_schema


def _made(app: FastAPI, handlers: Mapping[str, type[ActionHandler]]) -> dict[str, Any]:
    plain = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas, models = schemas_of(_kinds(handlers.values()))
    models = {name: _tidy(schema) for name, schema in plain["components"]["schemas"].items()} | models
    models |= {name: told_defaults(models[name]) for name in _bodies(handlers.values(), schemas)}
    examples, responses = Examples.of(models, THINGS, WORDS), Responses()
    operations, readers = Operations(schemas, examples, responses), readers_of(handlers.items())
    paths = {path: _plain(methods, examples, responses) for path, methods in plain["paths"].items()}
    for name, handler in handlers.items():
        paths[f"/actions/{name}"] = {method_of(handler).lower(): operations.of(name, handler, readers)}
    members, of_members = schemas_of(responses.members())
    models |= of_members | responses.models(members)
    return {
        **{name: plain[name] for name in ("openapi", "info")},
        "info": plain["info"] | {"license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": _tags(paths),
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(_used(models, paths, responses.made).items())),
            "responses": dict(sorted(responses.made.items())),
            "parameters": PARAMETERS,
            "headers": {name: _header(name) for name in sorted(responses.headers)},
            "links": dict(sorted(operations.links.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _kinds(handlers: Iterable[type[ActionHandler]]) -> Iterable[tuple[Any, Mode, TypeAdapter[Any]]]:
    yield File, OUT, TypeAdapter(File)
    yield Accepted, OUT, TypeAdapter(Accepted)
    for handler in handlers:
        if method_of(handler) != "GET" or handler.arguments:
            yield handler, IN, TypeAdapter(handler.input_model)
        yield handler, OUT, handler.output


def _bodies(handlers: Iterable[type[ActionHandler]], schemas: Mapping[Any, Schema]) -> list[str]:
    return [schemas[handler, IN]["$ref"].rpartition("/")[2] for handler in handlers if method_of(handler) != "GET"]


def _plain(methods: dict[str, Any], examples: Examples, responses: Responses) -> dict[str, Any]:
    """Return the operations of a plain route with its problems as the actions' are, instead of FastAPI's."""
    for operation in methods.values():
        operation["responses"].pop("422", None)
        kinds = [Problem.known[code] for code in operation.pop("x-problems", ())]
        success = {status: _tidy(response) for status, response in operation["responses"].items()}
        for response in success.values():
            for name in response.get("headers", {}):
                responses.header(name)
            if of_json := response.get("content", {}).get("application/json"):
                of_json["example"] = examples.value(of_json["schema"], "")
        operation["responses"] = success | responses.of(kinds)
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _tidy(parameter["schema"])
            parameter["example"] = examples.value(parameter["schema"], parameter["name"])
    return methods


def _tidy(schema: Any) -> Any:
    """Return a schema of FastAPI's without titles, closed as every output is."""
    match schema:
        case {"properties": dict() as properties}:
            kept = {name: value for name, value in schema.items() if name not in ("title", "properties")}
            closed = {name: _tidy(value) for name, value in properties.items()}
            return {"additionalProperties": False} | kept | {"properties": closed}
        case dict():
            return {name: _tidy(value) for name, value in schema.items() if name != "title"}
        case list():
            return [_tidy(each) for each in schema]
        case _:
            return schema


def _tags(paths: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the areas, each told by the entity that it is named after."""
    told = {kind_of(type(thing).__name__): cleandoc(type(thing).__doc__ or "") for thing in reversed(THINGS)}
    areas = {tag for methods in paths.values() for operation in methods.values() for tag in operation["tags"]}
    about = {area: f"What the permissions `{area}.*` are for." for area in areas} | told | {PLAIN: ABOUT_PLAIN}
    return [{"name": area, "description": about[area]} for area in sorted(areas)]


def _header(name: str) -> dict[str, Any]:
    description, schema = HEADERS[name]
    return {"description": description, "schema": schema}


def _used(models: Mapping[str, Schema], *roots: Any) -> dict[str, Schema]:
    """Return the models that the roots refer to, and those that these refer to."""
    found: dict[str, Schema] = {}
    sought: list[Any] = list(roots)
    while sought:
        for name in _referred(sought.pop()):
            if name not in found:
                found[name] = models[name]
                sought.append(models[name])
    return found


def _referred(value: Any) -> set[str]:
    names: set[str] = set()

    def note(inner: Any) -> None:
        if isinstance(inner, str) and inner.startswith(REFERENCE.format(model="")):
            names.add(inner.rpartition("/")[2])

    replaced(value, note)
    return names
