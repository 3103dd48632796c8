"""The OpenAPI document: one operation for each action, made from the registry."""

from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter, create_model

from ports.action import ActionHandler
from ports.actions import TimedOut
from ports.argument import InvalidArguments, MalformedJson
from ports.checkpoint import ScopeMissing
from ports.files import File
from ports.ledger import IdempotencyKeyInUse, IdempotencyKeyReused, takes_key
from ports.problem import Problem, Unauthenticated
from service.http.actions import method_of, summary_of
from service.http.problems import MEDIA_TYPE
from service.registry import Registry

Mode = Literal["validation", "serialization"]
OUT: Mode = "serialization"
REFERENCE = "#/components/schemas/{model}"
OF_EVERY_ACTION = (MalformedJson, InvalidArguments, Unauthenticated, ScopeMissing, TimedOut)
OF_WRITING = (IdempotencyKeyInUse, IdempotencyKeyReused)
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sending the same again with the same key returns the same answer and does nothing twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def document(app: FastAPI, registry: Registry) -> dict[str, Any]:
    """Return the document of the app's plain routes and of every action."""
    if app.openapi_schema is None:
        handlers = dict(registry.public())
        schemas, definitions = TypeAdapter.json_schemas([*_kinds(handlers)], ref_template=REFERENCE)
        made = get_openapi(title=app.title, version=app.version, routes=app.routes)
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)  # FastAPI's own shape, which the service never answers
        for name, handler in handlers.items():
            made["paths"][f"/actions/{name}"] = {method_of(handler).lower(): _operation(name, handler, schemas)}
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = _problems("Any other problem.", [schemas[Problem, OUT]])
        made["components"] = {
            "schemas": definitions["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        }
        app.openapi_schema = made | {"security": [{"token": []}]}
    return app.openapi_schema


def _kinds(handlers: Mapping[str, type[ActionHandler]]) -> Iterator[tuple[Any, Mode, TypeAdapter[Any]]]:
    raised: set[type[Problem]] = {problem for handler in handlers.values() for problem in handler.problems}
    raised.update(OF_EVERY_ACTION, OF_WRITING)
    for problem in sorted(raised, key=lambda problem: problem.code):
        yield problem, OUT, _model_of(problem)
    yield Problem, OUT, _model_of(Problem)
    yield File, OUT, TypeAdapter(File)
    for handler in handlers.values():
        yield handler, "validation", TypeAdapter(handler.input_model)
        yield handler, OUT, handler.output


def _operation(name: str, handler: type[ActionHandler], schemas: Mapping[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": [handler.permission.partition(".")[0]],
        "summary": summary_of(handler),
        "description": cleandoc(handler.__doc__ or ""),
        "responses": _responses(handler, schemas),
        "x-permission": handler.permission,
    }
    if method_of(handler) == "GET":
        return operation | {"parameters": _parameters(handler)}
    body = {"required": True, "content": {"application/json": {"schema": schemas[handler, "validation"]}}}
    return operation | {"requestBody": body, "parameters": [KEY_PARAMETER] if takes_key(handler) else []}


def _parameters(handler: type[ActionHandler]) -> list[dict[str, Any]]:
    schema = handler.input_model.model_json_schema()
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": of.get("description", ""),
            "schema": {key: value for key, value in of.items() if key != "description"},
        }
        for name, of in schema["properties"].items()
    ]


def _responses(handler: type[ActionHandler], schemas: Mapping[Any, Any]) -> dict[str, Any]:
    by_status: dict[str, list[type[Problem]]] = {}
    may_meet = (*OF_EVERY_ACTION, *(OF_WRITING if takes_key(handler) else ()), *handler.problems)
    for problem in dict.fromkeys(may_meet):  # declared as well, it would be two schemas that fit: `oneOf` takes one
        by_status.setdefault(str(problem.status), []).append(problem)
    output = {"application/json": {"schema": schemas[handler, OUT]}}
    failed = {
        status: _problems(" ".join(kind.title for kind in kinds), [schemas[kind, OUT] for kind in kinds])
        for status, kinds in sorted(by_status.items())
    }
    return {"200": {"description": "What the action returns.", "content": output}, **failed}


def _problems(description: str, schemas: list[Any]) -> dict[str, Any]:
    schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


def _model_of(problem: type[Problem]) -> TypeAdapter[Any]:
    standard: dict[str, Any] = dict.fromkeys(("type", "title", "detail", "code", "trace_id"), (str, ...))
    if problem is not Problem:  # so that of several problems with one status, only one fits
        standard["code"] = (Literal[problem.code], ...)
    fields = standard | {"status": (int, ...), "retryable": (bool, ...), "instance": (str, "")} | dict(problem.members)
    typed = {name: field if isinstance(field, tuple) else (field, ...) for name, field in fields.items()}
    make: Any = create_model  # its overloads do not take fields by name
    return TypeAdapter(make(problem.__name__, __doc__=problem.__doc__, **typed))
