"""The OpenAPI document: one operation for each action, made from the registry."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter, create_model

from ports.action import ActionHandler
from ports.actions import TimedOut, UnknownAction
from ports.argument import InvalidArguments, MalformedJson
from ports.checkpoint import ScopeMissing
from ports.ledger import IdempotencyKeyInUse, IdempotencyKeyReused
from ports.problem import Problem, Unauthenticated
from service.http.actions import method_of, summary_of
from service.http.problems import MEDIA_TYPE
from service.registry import Registry

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
        plain = get_openapi(title=app.title, version=app.version, routes=app.routes)
        app.openapi_schema = _with_actions(plain, dict(registry.public()))
    return app.openapi_schema


def _with_actions(made: dict[str, Any], handlers: dict[str, type[ActionHandler]]) -> dict[str, Any]:
    problems = {UnknownAction, *OF_EVERY_ACTION, *OF_WRITING}.union(*(h.problems for h in handlers.values()))
    kinds: list[tuple[Any, Any, TypeAdapter[Any]]] = []
    for name, handler in handlers.items():
        kinds += [((name, "in"), "validation", TypeAdapter(handler.input_model))]
        kinds += [((name, "out"), "serialization", handler.output)]
    kinds += [(problem, "serialization", _model_of(problem)) for problem in (Problem, *sorted(problems, key=_code))]
    schemas, definitions = TypeAdapter.json_schemas(kinds, ref_template=REFERENCE)
    components = made.setdefault("components", {})
    components.setdefault("schemas", {}).update(definitions.get("$defs", {}))
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"token": []}]
    default = _problem_content([schemas[Problem, "serialization"]])
    for operations in made["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": Problem.__name__, "content": default}
    for name, handler in handlers.items():
        made["paths"][f"/actions/{name}"] = {
            method_of(handler).lower(): _operation(name, handler, schemas) | {"x-permission": handler.permission}
        }
        made["paths"][f"/actions/{name}"][method_of(handler).lower()]["responses"]["default"] = {
            "description": "Any other problem.",
            "content": default,
        }
    return made


def _operation(name: str, handler: type[ActionHandler], schemas: dict[Any, Any]) -> dict[str, Any]:
    description = " ".join((handler.__doc__ or "").split())
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": [handler.permission.partition(".")[0]],
        "summary": summary_of(handler),
        "description": description,
        "responses": _responses(handler, schemas, schemas[(name, "out"), "serialization"]),
    }
    if method_of(handler) == "GET":
        return operation | {"parameters": _parameters(handler)}
    body = {"required": True, "content": {"application/json": {"schema": schemas[(name, "in"), "validation"]}}}
    return operation | {"requestBody": body, "parameters": [] if handler.readonly else [KEY_PARAMETER]}


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


def _responses(handler: type[ActionHandler], schemas: dict[Any, Any], output: Any) -> dict[str, Any]:
    by_status: dict[str, list[type[Problem]]] = {}
    for problem in (*OF_EVERY_ACTION, *(() if handler.readonly else OF_WRITING), *handler.problems):
        by_status.setdefault(str(problem.status), []).append(problem)
    succeeded = {"description": "What the action returns.", "content": {"application/json": {"schema": output}}}
    failed = {
        status: {
            "description": " ".join(problem.title for problem in problems),
            "content": _problem_content([schemas[problem, "serialization"] for problem in problems]),
        }
        for status, problems in sorted(by_status.items())
    }
    return {"200": succeeded, **failed}


def _problem_content(schemas: list[Any]) -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas}}}


def _model_of(problem: type[Problem]) -> TypeAdapter[Any]:
    standard: dict[str, Any] = dict.fromkeys(("type", "title", "detail", "code", "trace_id"), (str, ...))
    fields = standard | {"status": (int, ...), "retryable": (bool, ...), "instance": (str, "")} | dict(problem.members)
    typed = {name: field if isinstance(field, tuple) else (field, ...) for name, field in fields.items()}
    make: Any = create_model  # its overloads do not take fields by name
    return TypeAdapter(make(problem.__name__, __doc__=problem.__doc__, **typed))


def _code(problem: Iterable[Any] | type[Problem]) -> str:
    return getattr(problem, "code", "")
